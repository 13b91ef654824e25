import { Random } from '@pulser/harness';

import { arrivals } from './arrivals.policy.js';

describe('arrivals', () => {
  it('come one after the other, so many a second', () => {
    const times = [...arrivals(new Random(1), 100, 10_000)];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeGreaterThan(95_000);
    expect(times.at(-1)).toBeLessThan(105_000);
  });

  it('are the same with the same seed', () => {
    expect([...arrivals(new Random(7), 10, 5)]).toEqual([...arrivals(new Random(7), 10, 5)]);
  });
});
