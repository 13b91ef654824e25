import { allowanceOf, type DayAllowance, mustAsk } from './daily-quota.js';

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
