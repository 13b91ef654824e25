import { isStale, type QuotaUse, roomIn } from './queue-quota.js';

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
