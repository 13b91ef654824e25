import { binsOf, limitsToLabel, niceStep } from './histogram.policy.js';

const spread = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);

describe('the bins of a histogram', () => {
  it('hold every value once', () => {
    const values = spread(-3, 50, 0.013);
    const { counts } = binsOf(values);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
  });

  it('have round limits', () => {
    const { first, width, counts } = binsOf(spread(1_613, 5_140, 7));
    expect(width).toBe(500);
    expect([first * width, (first + counts.length) * width]).toEqual([1_500, 5_500]);
  });

  it('are multiples of the step between the values', () => {
    expect(niceStep(0.21, undefined)).toBe(0.25);
    expect(niceStep(0.21, 0.1)).toBe(0.5);
    expect(niceStep(0.3, 1)).toBe(1);
  });

  it('put a value on a limit into the upper one, however the division rounds', () => {
    const { first, width, counts } = binsOf([0.1, 0.2, 0.3, 0.3]);
    expect({ first, width, counts }).toEqual({ first: 1, width: 0.1, counts: [1, 1, 2] });
  });

  it('hold one value each when there are few', () => {
    expect(binsOf([3, 4, 4, 8])).toEqual({ first: 3, width: 1, counts: [1, 2, 0, 0, 0, 1], single: true });
  });

  it('bear a single value, none, and very many', () => {
    expect(binsOf([5, 5, 5])).toMatchObject({ first: 5, counts: [3] });
    expect(binsOf([])).toMatchObject({ counts: [0] });
    expect(binsOf([...spread(0, 1, 0.0001), 1_000_000]).counts.length).toBeLessThanOrEqual(51);
    expect(binsOf([1.23456789, 1.23456789])).toMatchObject({ counts: [2] });
  });

  it('are labelled at about ten round limits', () => {
    const bins = binsOf(spread(1, 9, 0.1));
    const labels = limitsToLabel(bins);
    expect(labels.length).toBeLessThanOrEqual(11);
    expect(labels.every((label) => Number.isInteger(label))).toBe(true);
  });
});
