import { axisKind, placeOf, timeLabels } from './x-axis.policy.js';

describe('the x axis', () => {
  it.each([
    [{ name: 'day', type: 'DATE' }, ['2026-01-01'], 'time'],
    [{ name: 'n', type: 'DOUBLE' }, [1], 'value'],
    [{ name: 'name', type: 'VARCHAR' }, ['a'], 'category'],
    [{ name: 'Year', type: 'BIGINT' }, [1999, null, 2000], 'year'],
    [{ name: 'year(day)', type: 'BIGINT' }, [1999], 'year'],
    [{ name: 'years', type: 'DOUBLE' }, [0.5, 30], 'value'],
    [{ name: 'year', type: 'VARCHAR' }, ['1999'], 'category'],
  ] as const)('of %j with %j is a %s axis', (column, cells, kind) => {
    expect(axisKind(column, cells)).toBe(kind);
  });

  it('places each cell, or does not', () => {
    expect(placeOf('1970-01-02', 'time')).toBe(86_400_000);
    expect(placeOf(1971, 'year')).toBe(Date.UTC(1971, 0));
    expect(placeOf('2.5', 'value')).toBe(2.5);
    expect(placeOf(null, 'category')).toBe('(none)');
    expect([placeOf(null, 'time'), placeOf(null, 'year'), placeOf(null, 'value')]).toEqual([null, null, null]);
  });

  it.each([
    [
      ['2025-01-01', '2026-01-01'],
      ['2025', '2026'],
    ],
    [
      ['2026-01-01', '2026-02-01'],
      ['2026-01', '2026-02'],
    ],
    [
      ['2026-01-01', '2026-01-02'],
      ['2026-01-01', '2026-01-02'],
    ],
    [['2026-01-01T12:30Z'], ['2026-01-01 12:30']],
    [['2026-01-01T12:30:01Z'], ['2026-01-01 12:30:01']],
    [['2026-01-01T12:30:01.5Z'], ['2026-01-01 12:30:01.500']],
    [[], []],
  ])('writes %j as %j', (times, labels) => {
    expect(timeLabels(times.map((time) => Date.parse(time)))).toEqual(labels);
  });
});
