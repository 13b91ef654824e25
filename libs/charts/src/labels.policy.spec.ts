import { labelsByKey, shortenAll } from './labels.policy.js';
import { textWidth } from './text-width.policy.js';

const labelsOf = (
  ...cells: Parameters<typeof labelsByKey>[0] extends Iterable<infer Cell> ? Cell[] : never
): string[] => [...labelsByKey(cells).values()];

describe('the labels of distinct cells', () => {
  it.each([
    [
      ['a', 'a '],
      ['"a"', '"a "'],
    ],
    [
      [null, '(none)'],
      ['(none)', '"(none)"'],
    ],
    [
      ['', ' ', '(empty)'],
      ['""', '" "', '"(empty)"'],
    ],
    [
      [1, '1'],
      ['1', '"1"'],
    ],
    [
      ['a b', 'a  b', 'a\nb'],
      ['"a b"', '"a \\u{20}b"', '"a\\nb"'],
    ],
    [
      ['é', 'e\u0301'],
      ['"é"', '"e\\u{301}"'],
    ],
    [
      ['a', 'a\u200b'],
      ['"a"', '"a\\u{200b}"'],
    ],
    [
      ['9007199254740992', '9007199254740993'],
      ['9007199254740992', '9007199254740993'],
    ],
    [
      ['b', 'c d'],
      ['b', 'c d'],
    ],
  ])('%j are %j', (cells, labels) => {
    expect(labelsOf(...cells)).toEqual(labels);
  });

  it('are one for cells that are equal', () => {
    expect(labelsOf('a', 'a', null, null)).toEqual(['a', '(none)']);
  });
});

describe('shortened labels', () => {
  const long = 'the same beginning of a label that is long';

  it('keep their ends where their beginnings are alike', () => {
    expect(shortenAll([`${long} 1`, `${long} 2`, 'x'], 12, 100)).toEqual([
      expect.stringMatching(/^the .*….*1$/),
      expect.stringMatching(/^the .*….*2$/),
      'x',
    ]);
  });

  it('hold no half characters', () => {
    const labels = ['a', 'b'].map((start) => `${long}${start}${'😀'.repeat(20)}`);
    expect(shortenAll(labels, 12, 140).every((label) => label.isWellFormed())).toBe(true);
  });

  it('are numbered where their ends are alike too, and fit all the same', () => {
    const labels = Array.from({ length: 30 }, (_, n) => `${long} ${n} and the same end as well`);
    const short = shortenAll([...labels, 'the same be… #1'], 12, 120);
    expect(new Set(short).size).toBe(31);
    for (const label of short) expect(textWidth(label, 12)).toBeLessThanOrEqual(150);
  });
});
