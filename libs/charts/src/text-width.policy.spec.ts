import { shorten, textWidth, wrap } from './text-width.policy.js';

describe('text', () => {
  it('is wider in capitals than in thin letters, and widest in Han', () => {
    expect(textWidth('ill', 12)).toBeLessThan(textWidth('new', 12));
    expect(textWidth('MMM', 12)).toBeLessThan(textWidth('日本国', 12));
    expect(textWidth('MMM', 24)).toBe(2 * textWidth('MMM', 12));
  });

  it('is cut where it no longer fits, between characters', () => {
    expect(shorten('short', 12, 100)).toBe('short');
    expect(shorten('a rather long label', 12, 60)).toMatch(/^a rather l?…$/);
    expect(shorten('😀😀😀😀', 12, 30)).toBe('😀…');
  });

  it('is broken between words, and cut in the last line', () => {
    expect(wrap('one two three', 10, 1_000, 3)).toEqual(['one two three']);
    expect(wrap('one two three four five six', 10, 50, 2)).toEqual(['one two', expect.stringMatching(/^three.*…$/)]);
    expect(wrap('  ', 10, 50, 2)).toEqual([]);
  });

  it('is broken within words that have no blanks, between whole characters', () => {
    expect(wrap('二零二六年第一季度', 10, 40, 3)).toEqual(['二零二六', '年第一季', '度']);
    expect(wrap('👩‍👩‍👧👩‍👩‍👧', 10, 35, 3)).toEqual(['👩‍👩‍👧', '👩‍👩‍👧']);
  });
});
