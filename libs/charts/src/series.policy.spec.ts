import {
  aligned,
  axisKind,
  chartData,
  placesOf,
  timeLabels,
  type AxisKind,
  type ChartData,
  type Place,
} from './series.policy.js';
import type { Json } from './table.policy.js';

const placeOf = (cell: Json, kind: AxisKind): Place | null | undefined => placesOf([cell], kind).places[0];

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

const data = (kind: ChartData['kind'], ...series: [number | string, number | null][][]): ChartData => ({
  kind,
  series: series.map((points, index) => ({ name: `s${index}`, points: points.map(([x, y]) => ({ x, y })) })),
});

describe('aligned series', () => {
  it('have a value or a null at every place', () => {
    const { places, series } = aligned(
      data(
        'category',
        [
          ['b', 1],
          ['a', 2],
        ],
        [
          ['c', 3],
          ['a', null],
        ],
      ),
      true,
    );
    expect(places).toEqual(['b', 'a', 'c']);
    expect(series.map(({ values }) => values)).toEqual([
      [1, 2, null],
      [null, null, 3],
    ]);
  });

  it('go through time in order', () => {
    expect(
      aligned(
        data('time', [
          [3, 1],
          [1, 2],
        ]),
        false,
      ).places,
    ).toEqual([1, 3]);
  });

  it('go through numbers in the order of the rows only when there is one series and bars are wanted', () => {
    expect(
      aligned(
        data('value', [
          [3, 1],
          [1, 2],
        ]),
        false,
      ).places,
    ).toEqual([3, 1]);
    expect(
      aligned(
        data('value', [
          [3, 1],
          [1, 2],
        ]),
        true,
      ).places,
    ).toEqual([1, 3]);
    expect(aligned(data('value', [[3, 1]], [[1, 2]]), false).places).toEqual([1, 3]);
  });

  it.each([
    ['category', 'a', 'a'],
    ['time', 0, '1970-01-01T00:00:00.000Z'],
  ] as const)('have one row at each place: %s', (kind, x, written) => {
    expect(() =>
      aligned(
        data(kind, [
          [x, 1],
          [x, 2],
        ]),
        true,
      ),
    ).toThrow(`Several rows of s0 have the x value ${written}: aggregate them in the SQL (GROUP BY)`);
  });
});

it('keeps categories in the order of the rows when every series lacks some', () => {
  const table = {
    columns: [
      { name: 'x', type: 'VARCHAR' },
      { name: 's', type: 'VARCHAR' },
      { name: 'y', type: 'INTEGER' },
    ],
    rows: [
      ['Jan', 'N', 1],
      ['Feb', 'S', 2],
      ['Mar', 'N', 3],
      ['Apr', 'S', 4],
    ],
  };
  const chart = { kind: 'line', x: 'x', y: 'y', series: 's', width: 800, theme: 'light' } as const;
  const rows = aligned(chartData(chart, table), true);
  expect(rows.places).toEqual(['Jan', 'Feb', 'Mar', 'Apr']);
  expect(rows.series.map(({ values }) => values)).toEqual([
    [1, null, 3, null],
    [null, 2, null, 4],
  ]);
});
