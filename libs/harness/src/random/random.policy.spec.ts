import { Random } from './random.js';

const drawn = (seed: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: 1_000 }, () => random.next());
};

describe('Random', () => {
  it('draws the same numbers again from the same seed, and others from another', () => {
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  it('draws evenly from [0, 1)', () => {
    const numbers = drawn(1);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((sum, one) => sum + one, 0) / numbers.length).toBeCloseTo(0.5, 1);
  });

  it('keeps every item when it shuffles', () => {
    expect(new Random(3).shuffled([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('refuses to choose from nothing', () => {
    expect(() => new Random(1).pick([])).toThrow(RangeError);
  });
});
