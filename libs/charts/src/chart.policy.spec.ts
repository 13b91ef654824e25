import { Chart } from './chart-input.js';
import { pictureOf } from './chart.policy.js';
import type { Table } from './table.policy.js';

const table = (header: Record<string, string>, ...rows: Table['rows']): Table => ({
  columns: Object.entries(header).map(([name, type]) => ({ name, type })),
  rows,
});

/** As the painter gets it: plain data, after its journey to another thread. */
const draw = (chart: Record<string, unknown>, data: Table): Record<string, unknown> => ({
  ...structuredClone(pictureOf(Chart.parse(chart), data)).option,
});

const sales = table(
  { month: 'DATE', region: 'VARCHAR', amount: 'DECIMAL(10,2)' },
  ['2026-02-01', 'North', '20.50'],
  ['2026-01-01', 'North', '10.00'],
  ['2026-01-01', 'South', null],
  ['2026-02-01', 'South', '-5.00'],
);

describe('bars', () => {
  it('stand in groups, in the order of time, with gaps for nulls', () => {
    const option = draw({ kind: 'bar', x: 'month', y: 'amount', series: 'region' }, sales);
    expect(option).toMatchObject({
      legend: { data: ['North', 'South'] },
      xAxis: { type: 'category', data: ['2026-01', '2026-02'], name: 'month' },
      yAxis: { type: 'value', name: 'amount' },
      series: [
        { name: 'North', data: [10, 20.5] },
        { name: 'South', data: [null, -5] },
      ],
    });
  });

  it('lie when their names are long', () => {
    const names = Array.from({ length: 12 }, (_, n) => [`A name of some length, number ${n}`, n]);
    const chart = Chart.parse({ kind: 'bar', x: 'name', y: 'n' });
    const { option, height } = pictureOf(chart, table({ name: 'VARCHAR', n: 'INTEGER' }, ...names));
    expect(option).toMatchObject({ yAxis: { type: 'category', inverse: true }, xAxis: { type: 'value' } });
    expect(height).toBe(450);
  });

  it('have the height that was asked for', () => {
    const chart = Chart.parse({ kind: 'bar', x: 'month', y: 'amount', series: 'region', height: 300, width: 400 });
    expect(pictureOf(chart, sales)).toMatchObject({ width: 400, height: 300 });
  });

  it('are one for each x: rows that should have been added up are refused', () => {
    expect(() => draw({ kind: 'bar', x: 'region', y: 'amount' }, sales)).toThrow('aggregate them in the SQL');
  });

  it('write large numbers in their unit', () => {
    const data = table({ k: 'VARCHAR', n: 'BIGINT' }, ['a', 2_500_000], ['b', '9007199254740993']);
    expect(draw({ kind: 'bar', x: 'k', y: 'n', y_label: 'EUR' }, data)).toMatchObject({
      yAxis: { name: 'EUR (trillions)' },
      series: [{ data: [0.0000025, 9007.19925474] }],
    });
  });
});

describe('lines', () => {
  it('run over time', () => {
    expect(draw({ kind: 'line', x: 'month', y: 'amount', series: 'region' }, sales)).toMatchObject({
      xAxis: { type: 'time', name: 'month (2026)' },
      series: [
        { name: 'North', data: [{ value: [Date.UTC(2026, 0), 10] }, { value: [Date.UTC(2026, 1), 20.5] }] },
        { name: 'South', data: [{ value: [Date.UTC(2026, 0), null] }, { value: [Date.UTC(2026, 1), -5] }] },
      ],
    });
  });

  it('of several columns are several series without a name for the axis', () => {
    const data = table({ n: 'INTEGER', a: 'INTEGER', b: 'INTEGER' }, [2, 1, 10], [1, 3, 30]);
    expect(draw({ kind: 'line', x: 'n', y: ['a', 'b'] }, data)).toMatchObject({
      xAxis: { type: 'value' },
      yAxis: { name: '' },
      series: [
        { name: 'a', data: [{ value: [1, 3] }, { value: [2, 1] }] },
        { name: 'b', data: [{ value: [1, 30] }, { value: [2, 10] }] },
      ],
    });
  });

  it('count years as years', () => {
    const data = table({ year: 'BIGINT', n: 'INTEGER' }, [1999, 1], [2000, 2]);
    expect(draw({ kind: 'line', x: 'year', y: 'n' }, data)).toMatchObject({
      xAxis: { type: 'time', name: 'year', axisLabel: { formatter: '{yyyy}' } },
    });
  });

  it('mark a value between two gaps, which would not be seen otherwise', () => {
    const rows = Array.from({ length: 50 }, (_, n) => [n, n === 9 || n === 11 ? null : n]);
    const { series } = draw({ kind: 'line', x: 'n', y: 'v' }, table({ n: 'INTEGER', v: 'INTEGER' }, ...rows));
    const [{ data }] = series as [{ data: { symbol?: string }[] }];
    expect([data[8], data[10], data[12]].map((item) => item?.symbol)).toEqual(['none', undefined, 'none']);
  });

  it('over names tilt these when they are long', () => {
    const rows = Array.from({ length: 14 }, (_, n) => [`Somewhere far away ${n}`, n]);
    const data = table({ place: 'VARCHAR', n: 'INTEGER' }, ...rows);
    expect(draw({ kind: 'line', x: 'place', y: 'n' }, data)).toMatchObject({ xAxis: { axisLabel: { rotate: 45 } } });
    const few = table({ place: 'VARCHAR', n: 'INTEGER' }, ['a', 1], ['b', 2]);
    expect(draw({ kind: 'line', x: 'place', y: 'n' }, few)).toMatchObject({ xAxis: { axisLabel: { interval: 0 } } });
  });

  it('beyond the seventh differ in more than their colour', () => {
    const names = Array.from({ length: 8 }, (_, n) => [1, `s${n}`, n]);
    const data = table({ x: 'INTEGER', s: 'VARCHAR', y: 'INTEGER' }, ...names);
    const option = draw({ kind: 'line', x: 'x', y: 'y', series: 's' }, data);
    const lines = option.series as { lineStyle: { type: string } }[];
    expect([lines[0]?.lineStyle.type, lines[7]?.lineStyle.type]).toEqual(['solid', 'dashed']);
    const colours = (option as { color: string[] }).color;
    expect(new Set(colours).size).toBe(colours.length);
  });

  it('are at most twenty', () => {
    const names = Array.from({ length: 21 }, (_, n) => [1, `s${n}`, n]);
    const data = table({ x: 'INTEGER', s: 'VARCHAR', y: 'INTEGER' }, ...names);
    expect(() => draw({ kind: 'line', x: 'x', y: 'y', series: 's' }, data)).toThrow('chart.series makes 21 series');
  });

  it('have short names in the legend, with their ends where these would be alike', () => {
    const named = (...names: string[]): unknown => {
      const data = table({ x: 'INTEGER', s: 'VARCHAR', y: 'INTEGER' }, ...names.map((name) => [1, name, 1]));
      return (draw({ kind: 'line', x: 'x', y: 'y', series: 's' }, data) as { legend: unknown }).legend;
    };
    const long = 'a name that goes on and on and on and on';
    expect(named(long, 'b')).toMatchObject({ data: [expect.stringMatching(/^a name.*…$/), 'b'] });
    expect(named(`${long} 1`, `${long} 2`)).toMatchObject({
      data: [expect.stringMatching(/^a name.*….*and on 1$/), expect.stringMatching(/^a name.*….*and on 2$/)],
    });
  });
});

describe('areas', () => {
  const shares = (value: number | null): Table =>
    table({ n: 'INTEGER', a: 'INTEGER', b: 'INTEGER' }, [1, 1, 2], [2, 3, value]);

  it('are stacked when every part is there and none is negative', () => {
    expect(draw({ kind: 'area', x: 'n', y: ['a', 'b'] }, shares(4))).toMatchObject({
      series: [{ stack: 'all' }, { stack: 'all' }],
      yAxis: { scale: false },
    });
    for (const value of [null, -1]) {
      const [first] = draw({ kind: 'area', x: 'n', y: ['a', 'b'] }, shares(value)).series as object[];
      expect(first).not.toHaveProperty('stack');
    }
  });
});

describe('a scatter', () => {
  it('has a point for each row with both numbers, doubles too', () => {
    const data = table({ x: 'DOUBLE', y: 'DOUBLE' }, [1, 2], [1, 2], [null, 3], [4, null]);
    expect(draw({ kind: 'scatter', x: 'x', y: 'y' }, data)).toMatchObject({
      series: [
        {
          data: [
            [1, 2],
            [1, 2],
          ],
          symbolSize: 10,
        },
      ],
    });
  });

  it('has smaller points the more there are', () => {
    const sizeOf = (count: number): unknown => {
      const rows = Array.from({ length: count }, (_, n) => [n, n]);
      const option = draw({ kind: 'scatter', x: 'x', y: 'y' }, table({ x: 'DOUBLE', y: 'DOUBLE' }, ...rows));
      return (option.series as { symbolSize: number }[])[0]?.symbolSize;
    };
    expect([sizeOf(200), sizeOf(2_000), sizeOf(2_001)]).toEqual([10, 7, 4]);
  });

  it('stands over names too', () => {
    const data = table({ x: 'VARCHAR', y: 'DOUBLE' }, ['a', 1], ['b', 2], ['a', 3]);
    expect(draw({ kind: 'scatter', x: 'x', y: 'y' }, data)).toMatchObject({
      xAxis: { data: ['a', 'b'] },
      series: [
        {
          data: [
            [0, 1],
            [1, 2],
            [0, 3],
          ],
        },
      ],
    });
  });
});

describe('a pie', () => {
  const slices = (...rows: Table['rows']): unknown => {
    const option = draw({ kind: 'pie', x: 'k', y: 'n' }, table({ k: 'VARCHAR', n: 'BIGINT' }, ...rows));
    const [{ data }] = option.series as [{ data: { name: string; value: number }[] }];
    return data.map(({ name, value }) => ({ name, value }));
  };

  it('begins with the largest slice and leaves out nothing', () => {
    expect(slices(['a', 1], ['b', 3], ['c', 0], ['d', null])).toEqual([
      { name: 'b', value: 3 },
      { name: 'a', value: 1 },
    ]);
  });

  it('draws the smallest as one', () => {
    const rows = Array.from({ length: 10 }, (_, n) => [`k${n}`, 10 - n]);
    expect(slices(...rows)).toEqual([
      { name: 'k0', value: 10 },
      { name: 'k1', value: 9 },
      { name: 'k2', value: 8 },
      { name: 'k3', value: 7 },
      { name: 'k4', value: 6 },
      { name: 'k5', value: 5 },
      { name: '4 others', value: 10 },
    ]);
  });

  it('has no negative slices', () => {
    expect(() => slices(['a', 5], ['b', -1])).toThrow('A pie cannot show the negative value of b');
  });
});

describe('a histogram', () => {
  it('has a bar for each range, over an axis of numbers', () => {
    const rows = Array.from({ length: 101 }, (_, n) => [n]);
    const option = draw({ kind: 'histogram', x: 'n', title: 'Hundred' }, table({ n: 'INTEGER' }, ...rows, [null]));
    const [bars] = option.series as { data: number[] }[];
    expect(bars?.data.reduce((sum, count) => sum + count, 0)).toBe(101);
    expect(option).toMatchObject({ xAxis: [{ show: false }, { min: 0, name: 'n' }], yAxis: { name: 'rows' } });
  });

  it('puts the bar of a single value over its label', () => {
    const option = draw({ kind: 'histogram', x: 'n' }, table({ n: 'INTEGER' }, [3], [4], [8]));
    expect(option).toMatchObject({ xAxis: [{}, { min: 2.5, max: 8.5 }] });
  });
});

describe('the frame', () => {
  it('breaks a long title and makes room for it and for the legend', () => {
    const topOf = (title?: string): number =>
      (draw({ kind: 'bar', x: 'month', y: 'amount', series: 'region', title }, sales) as { grid: { top: number } }).grid
        .top;
    const long = 'A title that is so long that nobody could ever hope to read it in one single line of this picture';
    expect(topOf('Short')).toBeGreaterThan(topOf());
    expect(topOf(long)).toBe(topOf('Short') + 24);
  });

  it('is dark on demand', () => {
    const option = draw(
      { kind: 'pie', x: 'region', y: 'amount', theme: 'dark' },
      table({ region: 'VARCHAR', amount: 'DOUBLE' }),
    );
    expect(option).toMatchObject({ backgroundColor: '#16191d', title: { textStyle: { color: '#f0f3f6' } } });
  });

  it('has a legend of as many lines as the names need', () => {
    const topOf = (count: number): number => {
      const rows = Array.from({ length: count }, (_, n) => [1, `some series ${n}`, n]);
      const data = table({ x: 'INTEGER', s: 'VARCHAR', y: 'INTEGER' }, ...rows);
      return (draw({ kind: 'line', x: 'x', y: 'y', series: 's' }, data) as { grid: { top: number } }).grid.top;
    };
    expect(topOf(1)).toBeLessThan(topOf(3));
    expect(topOf(12)).toBe(topOf(3) + 24);
  });
});
