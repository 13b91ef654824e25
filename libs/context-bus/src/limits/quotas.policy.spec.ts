import { allowanceOf, type DayAllowance, isStale, mustAsk, noRoom, type QuotaUse, roomIn } from './quotas.js';

const use = (facts: Partial<QuotaUse>): QuotaUse => ({
  quota: 100,
  waiting: 0,
  countedAt: 0,
  acceptedSince: 0,
  ...facts,
});

describe('the use of a quota', () => {
  it('has room for what neither waited at the count nor was accepted since', () => {
    expect(roomIn(use({ waiting: 60, acceptedSince: 30 }))).toBe(10);
    expect(roomIn(use({ waiting: 150 }))).toBe(0);
  });

  it('is not counted again for every task while there is room', () => {
    expect(isStale(use({ waiting: 10, acceptedSince: 20 }), 1, 4_000)).toBe(false);
  });

  it('is counted again after some seconds in which tasks came, and not without them', () => {
    expect(isStale(use({ acceptedSince: 1 }), 1, 5_001)).toBe(true);
    expect(isStale(use({}), 1, 60_000)).toBe(false);
  });

  it('is counted again before anything is refused, but not for every refusal', () => {
    expect(isStale(use({ waiting: 100 }), 1, 100)).toBe(false);
    expect(isStale(use({ waiting: 100 }), 1, 251)).toBe(true);
  });

  it('is counted more often near its end, because others accept too', () => {
    expect(isStale(use({ waiting: 80, acceptedSince: 10 }), 1, 300)).toBe(true);
    expect(isStale(use({ waiting: 80, acceptedSince: 1 }), 1, 300)).toBe(false);
  });
});

const known: DayAllowance = { left: 10, isSpent: false, dayEndsAt: 50_000, askedAt: 1_000 };

describe('an allowance of a day', () => {
  it('is asked for at first, when it does not reach, and when another day begins', () => {
    expect(mustAsk(undefined, 1, 1_000)).toBe(true);
    expect(mustAsk(known, 11, 1_001)).toBe(true);
    expect(mustAsk(known, 10, 49_999)).toBe(false);
    expect(mustAsk(known, 1, 50_000)).toBe(true);
  });

  it('that is spent is not asked for with every refusal', () => {
    const spent = { ...known, left: 0, isSpent: true };
    expect(mustAsk(spent, 1, 1_999)).toBe(false);
    expect(mustAsk(spent, 1, 2_000)).toBe(true);
  });

  it('adds up within a day, and begins anew with the next', () => {
    const grant = { granted: 5, endsInS: 10 };
    expect(allowanceOf(grant, 5, { known, now: 49_000 })).toEqual({
      left: 15,
      isSpent: false,
      dayEndsAt: 59_000,
      askedAt: 49_000,
    });
    expect(allowanceOf(grant, 6, { known, now: 50_000 })).toMatchObject({ left: 5, isSpent: true });
  });
});

describe('the quotas in use', () => {
  const quotas = (waiting: number, taken: number) => ({
    waiting: { quota: 5, used: waiting },
    today: { quota: 10, used: 0, taken, endsInS: 0.2 },
  });

  it('have room for a task, or say which has none and when to come again', () => {
    expect(noRoom(quotas(4, 9))).toBeUndefined();
    expect(noRoom(quotas(5, 10))).toEqual({ code: 'queue_full', retryAfterS: 5 });
    expect(noRoom(quotas(0, 10))).toEqual({ code: 'daily_quota_spent', retryAfterS: 1 });
  });
});
