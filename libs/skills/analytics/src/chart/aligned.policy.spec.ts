import { aligned } from './aligned.policy.js';
import type { ChartData } from './data.policy.js';

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
