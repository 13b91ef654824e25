import { figuresOf, median, ratios, spread } from './spread.policy.js';

const rounds = [{ ours: 10, theirs: 5 }, { ours: 12 }, { ours: 30, theirs: 10 }];

describe('the median', () => {
  it('is the middle figure, or between the two that are', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });

  it('comes with the least and the most', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, count: 3 });
  });

  it('is there for some figures only', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(spread([])).toBeUndefined();
  });
});

describe('rounds', () => {
  it('give the figures of each contestant', () => {
    expect(figuresOf(rounds, 'theirs')).toEqual([5, 10]);
  });

  it('are compared one by one, where both have a figure', () => {
    expect(ratios(rounds, 'ours', 'theirs')).toEqual([2, 3]);
  });
});
