import { chanceOfOrder, chanceOfSteps, firstOccurrence } from './sequence-chance.policy.js';

/** All words of a length over an alphabet. */
const wordsOf = (length: number, letters: readonly string[]): string[][] =>
  length === 0 ? [[]] : wordsOf(length - 1, letters).flatMap((word) => letters.map((letter) => [...word, letter]));

/** All orders of items, equal ones counted apart. */
const ordersOf = (items: readonly string[]): string[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, index) =>
        ordersOf(items.filter((_other, at) => at !== index)).map((rest) => [item, ...rest]),
      );

describe('the chance of steps in a session', () => {
  it('is that of counting all sessions', () => {
    // a, b and c as often as each other.
    for (const [length, steps] of [
      [2, ['a', 'b']],
      [4, ['a', 'b']],
      [5, ['a', 'b', 'c']],
      [2, ['a', 'b', 'c']],
    ] as const) {
      const all = wordsOf(length, ['a', 'b', 'c']);
      const having = all.filter((word) => firstOccurrence(word, steps) !== undefined);
      const shares = steps.map(() => 1 / 3);
      expect(chanceOfSteps(length, shares)).toBeCloseTo(having.length / all.length, 12);
    }
  });

  it('is, of orders alone, that of counting all orders, whatever else stands there', () => {
    for (const items of [
      ['a', 'b'],
      ['a', 'b', 'x', 'x'],
      ['a', 'a', 'b', 'x'],
      ['a', 'b', 'c', 'x'],
      ['a', 'a', 'b', 'b', 'c'],
    ]) {
      for (const steps of [
        ['a', 'b'],
        ['a', 'b', 'c'],
      ]) {
        const counts = steps.map((step) => items.filter((item) => item === step).length);
        const all = ordersOf(items);
        const having = all.filter((order) => firstOccurrence(order, steps) !== undefined);
        expect(chanceOfOrder(counts)).toBeCloseTo(having.length / all.length, 12);
      }
    }
  });

  it('is known at once for the longest sessions', () => {
    const started = process.cpuUsage();
    expect(chanceOfOrder([4, 4, 4, 4, 4])).toBeGreaterThan(0.3);
    expect(chanceOfSteps(20, [0.2, 0.2, 0.2, 0.2, 0.2])).toBeGreaterThan(0.3);
    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
  });
});

describe('the first occurrence of steps', () => {
  it('takes each as early as it can, with others in between', () => {
    expect(firstOccurrence(['a', 'x', 'a', 'b', 'a', 'b'], ['a', 'b'])).toEqual([0, 3]);
    expect(firstOccurrence(['b', 'a'], ['a', 'b'])).toBeUndefined();
  });
});
