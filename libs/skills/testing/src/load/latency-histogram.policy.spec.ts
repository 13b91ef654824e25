import { LatencyHistogram } from './latency-histogram.policy.js';

// A fixed sequence: minimal standard generator of Park and Miller.
const draws = (count: number, seed: number): number[] => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  });
};

const exact = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;

describe('the percentiles of a load test', () => {
  it.each([1, 2, 10, 999, 20_000])('are those of all values sorted, at most 1 %% too high: %i values', (count) => {
    const values = draws(count, 7).map((draw) => 0.05 + 400 * draw ** 6);
    const histogram = new LatencyHistogram();
    for (const value of values) histogram.add(value);
    const sorted = [...values].sort((a, b) => a - b);
    for (const share of [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]) {
      const found = histogram.quantile(share) / exact(sorted, share);
      expect(found).toBeGreaterThanOrEqual(0.999_999);
      expect(found).toBeLessThanOrEqual(1.010_001);
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    expect(histogram.percentiles()).toMatchObject({ max: Number((sorted.at(-1) ?? 0).toPrecision(4)) });
    expect(histogram.percentiles()?.mean).toBeCloseTo(mean, 1);
  });

  it('are none of none', () => {
    expect(new LatencyHistogram().percentiles()).toBeNull();
  });
});
