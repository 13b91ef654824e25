import fc from 'fast-check';

import { bounded, bytesOf, fitting, tailOf } from './result-size.policy.js';

describe('the size of results', () => {
  it('leaves alone what fits', () => {
    expect(bounded({ a: 1 }, 7)).toEqual({ a: 1 });
  });

  it('keeps as many items of the longest list as fit', () => {
    const cut = bounded({ items: ['aaaa', 'bbbb', 'cccc'], few: ['x'], truncated: false }, 60);
    expect(cut).toEqual({ items: ['aaaa', 'bbbb'], few: ['x'], truncated: true });
  });

  it('is never over the bound, whatever is in the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 50 }), (log) => {
        const cut = bounded({ log, truncated: false }, 60);
        expect(bytesOf(cut)).toBeLessThanOrEqual(60);
      }),
      { seed: 17 },
    );
  });

  it('cuts a text at a line and between characters', () => {
    expect(tailOf('one\ntwo\nthree', 8)).toEqual({ text: 'three', truncated: true });
    expect(tailOf('ääää', 5)).toEqual({ text: 'ää', truncated: true });
    expect(tailOf('short', 5)).toEqual({ text: 'short', truncated: false });
  });

  it('takes items up to the bound', () => {
    expect(fitting([1, 2, 3], 100)).toEqual([1, 2, 3]);
    expect(fitting(['aaaa', 'bbbb'], 10)).toEqual(['aaaa']);
  });
});
