import { linesOf, maxShown } from './json.policy.js';

const texts = (value: unknown, folds: Readonly<Record<string, boolean>> = {}): string[] =>
  linesOf(value, (path) => folds[path]).map(
    ({ depth, name, text }) => `${'  '.repeat(depth)}${name === undefined ? '' : `${name}: `}${text}`,
  );

describe('JSON as lines', () => {
  it('is open to the second depth', () => {
    expect(texts({ a: { b: { c: 1 } }, d: [], e: [1, null] })).toEqual([
      '{',
      '  a: {',
      '    b: {1 member}',
      '  }',
      '  d: []',
      '  e: [',
      '    0: 1',
      '    1: null',
      '  ]',
      '}',
    ]);
  });

  it('folds and unfolds by hand', () => {
    expect(texts({ a: { b: 1 } }, { '/a': true })).toEqual(['{', '  a: {1 member}', '}']);
    expect(texts([1, 2], { '': true })).toEqual(['[2 items]']);
  });

  it('has a path of its own for every line', () => {
    const paths = linesOf({ 'a/b': { '~': [1] }, a: { b: 2 } }, () => false).map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it('shows markup as text, and long texts in part', () => {
    expect(texts('<img src=x onerror=alert(1)>')).toEqual(['"<img src=x onerror=alert(1)>"']);
    expect(texts('x'.repeat(5_000))[0]).toHaveLength(maxShown + '""… (5000 characters)'.length);
  });

  it('shows signs that are unseen or turn the text around', () => {
    expect(texts({ 'a\u202eb': '\u202eevil.exe' })).toEqual(['{', '  a\\u202eb: "\\u202eevil.exe"', '}']);
  });
});
