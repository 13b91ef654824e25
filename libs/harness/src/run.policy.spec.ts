import { z } from 'zod';

import { Random, readOptions } from './run.js';

const schema = z.strictObject({ rounds: z.coerce.number().int().default(5), loud: z.boolean().default(false) });

describe('readOptions', () => {
  it('reads values and flags, and fills in what is missing', () => {
    expect(readOptions(schema, ['--loud'], ['loud'])).toEqual({ rounds: 5, loud: true });
    expect(readOptions(schema, ['--rounds', '2'], ['loud'])).toEqual({ rounds: 2, loud: false });
  });

  it.each([
    [['--rounds', 'x'], '--rounds'],
    [['--quiet'], '--quiet'],
    [['--loud=yes'], '--loud'],
  ])('refuses %s', (args, message) => {
    expect(() => readOptions(schema, args, ['loud'])).toThrow(message);
  });
});

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
