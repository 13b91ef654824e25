import { adjusted, binomialTail, fisher, proportion } from './proportions.policy.js';

describe('shares and their chance', () => {
  // From the table of Newcombe (1998), Statistics in Medicine 17, 857-872, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives %i of %i the Wilson interval %d to %d', (successes, trials, low, high) => {
    const interval = proportion(successes, trials);
    expect(interval).toMatchObject({ successes, trials });
    expect(interval.low).toBeCloseTo(low, 3);
    expect(interval.high).toBeCloseTo(high, 3);
  });

  it('has no share without trials', () => {
    expect(() => proportion(0, 0)).toThrow(RangeError);
    expect(() => proportion(3, 2)).toThrow(RangeError);
  });

  it('sums the tail of a binomial distribution', () => {
    expect(binomialTail(10, 0.5, 8)).toBeCloseTo(56 / 1_024, 12);
    expect(binomialTail(3, 0.25, 0)).toBe(1);
    expect(binomialTail(3, 0.25, 4)).toBe(0);
    expect(binomialTail(5_000, 0.001, 5_000)).toBe(0);
    expect(binomialTail(12, 0.5, 12)).toBeCloseTo(2 ** -12, 12);
  });

  it('gives the p-value of Fisher for tea with milk, and of larger tables', () => {
    const table = (a: number, b: number, c: number, d: number): number =>
      fisher({ withSuccesses: a, withFailures: b, withoutSuccesses: c, withoutFailures: d });
    expect(table(3, 1, 1, 3)).toBeCloseTo(34 / 70, 10);
    expect(table(4, 0, 0, 4)).toBeCloseTo(2 / 70, 10);
    // fisher.test(matrix(c(10, 2, 3, 15), 2)) of R
    expect(table(10, 2, 3, 15)).toBeCloseTo(0.000_536_7, 6);
    expect(table(5, 5, 5, 5)).toBe(1);
    expect(table(0, 0, 3, 4)).toBe(1);
  });

  it('adjusts p-values for the number of tests', () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), 'BH') of R
    expect(adjusted([0.01, 0.04, 0.03, 0.005], 4).map((p) => Number(p.toFixed(6)))).toEqual([0.02, 0.04, 0.04, 0.02]);
    // p.adjust(c(0.01, 0.04), 'BH', n = 10)
    expect(adjusted([0.01, 0.04], 10).map((p) => Number(p.toFixed(6)))).toEqual([0.1, 0.2]);
    expect(adjusted([], 5)).toEqual([]);
  });
});
