import { keptPreview } from './kept-preview.js';

describe('the preview of a dataset', () => {
  it('is the first rows as they are', () => {
    expect(keptPreview([[1, 'a', null, { b: [true] }]])).toEqual([[1, 'a', null, { b: [true] }]]);
  });

  it('has a hundred rows at most', () => {
    expect(keptPreview(Array.from({ length: 150 }, (_, n) => [n]))).toEqual(Array.from({ length: 100 }, (_, n) => [n]));
  });

  it('cuts a long text and says by how much, and makes it storable', () => {
    const [[text, nul, list] = []] = keptPreview([
      ['x'.repeat(10_000), 'a\0b', Array.from({ length: 3_000 }, () => 'y')],
    ]) as string[][];
    expect(text).toHaveLength(2_000 - ((2_000 - (text?.length ?? 0)) % 2_000));
    expect(text).toMatch(/^x+\.\.\. \([\d,]+ more characters\)$/);
    expect(nul).toBe('a\ufffdb');
    expect(list).toMatch(/^\["y",.*more characters\)$/);
  });

  it('is a megabyte at most, however wide its rows are', () => {
    const wide = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => 'z'.repeat(2_000)));
    const kept = keptPreview(wide);
    expect(kept.length).toBe(5);
    expect(JSON.stringify(kept).length).toBeLessThanOrEqual(1_048_576);
  });
});
