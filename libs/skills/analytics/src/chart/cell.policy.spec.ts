import { labelOf, numberOf, timeOf } from './cell.policy.js';

describe('a cell', () => {
  it.each([
    [1.5, 1.5],
    ['12.50', 12.5],
    ['170141183460469231731687303715884105727', 1.7014118346046923e38],
    [null, null],
    [undefined, null],
    ['x', null],
  ])('%j as a number is %j', (cell, number) => {
    expect(numberOf(cell)).toBe(number);
  });

  it.each([
    ['1970-01-02', 86_400_000],
    ['1970-01-01T00:00:01.5', 1_500],
    ['1970-01-01T00:00:01.123456789', 1_123],
    ['1970-01-01T00:00:01Z', 1_000],
    ['infinity', null],
    [null, null],
    [5, null],
  ])('%j as a time is %j', (cell, time) => {
    expect(timeOf(cell)).toBe(time);
  });

  it.each([
    ['North', 'North'],
    [2_007, '2007'],
    [true, 'true'],
    [null, '(none)'],
    [' ', '(empty)'],
    [['a', 1], '["a",1]'],
  ])('%j as a label is %s', (cell, label) => {
    expect(labelOf(cell)).toBe(label);
  });
});
