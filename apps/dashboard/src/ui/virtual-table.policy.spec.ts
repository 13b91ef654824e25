import { rangeBetween, stepTo } from './virtual-table.policy.js';

describe('the keyboard in a list', () => {
  const place = { at: 5, count: 100, page: 10 };
  it.each([
    ['j', 6],
    ['ArrowUp', 4],
    ['PageDown', 15],
    ['PageUp', 0],
    ['Home', 0],
    ['End', 99],
    ['x', undefined],
    ['toString', undefined],
  ])('%s leads to %s', (key, to) => {
    expect(stepTo(key, place)).toBe(to);
  });

  it('stays in the list, and has nowhere to go in an empty one', () => {
    expect(stepTo('j', { ...place, at: 99 })).toBe(99);
    expect(stepTo('j', { ...place, at: -1 })).toBe(0);
    expect(stepTo('j', { at: -1, count: 0, page: 1 })).toBeUndefined();
    expect(rangeBetween(4, 2)).toEqual([2, 3, 4]);
  });
});
