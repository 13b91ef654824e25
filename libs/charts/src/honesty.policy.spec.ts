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

describe('distinct rows', () => {
  const bars = (type: string, ...xs: (string | number | null)[]): unknown => {
    const data = table({ x: type, n: 'INTEGER' }, ...xs.map((x, n) => [x, n]));
    return (draw({ kind: 'bar', x: 'x', y: 'n' }, data) as { xAxis: { data?: unknown } }).xAxis.data;
  };

  it('are never called equal because their labels, doubles or milliseconds are', () => {
    expect(bars('VARCHAR', 'a', 'a ', null, '(none)')).toEqual(['"a"', '"a "', '(none)', '"(none)"']);
    expect(bars('BIGINT', '9007199254740992', '9007199254740993')).toEqual(['9007199254740992', '9007199254740993']);
    expect(bars('TIMESTAMP', '2026-01-01T00:00:00.000001', '2026-01-01T00:00:00.000002')).toEqual([
      '2026-01-01 00:00:00.000001',
      '2026-01-01 00:00:00.000002',
    ]);
  });

  it('keep labels that look like times as they are', () => {
    expect(bars('VARCHAR', 'The T', '2026-01-01T00:00')).toEqual(['The T', '2026-01-01T00:00']);
  });

  it('are series of their own', () => {
    const data = table({ x: 'INTEGER', s: 'VARCHAR', n: 'INTEGER' }, [1, 'a', 1], [1, 'a ', 2], [1, null, 3]);
    expect(draw({ kind: 'bar', x: 'x', y: 'n', series: 's' }, data)).toMatchObject({
      series: [{ data: [1] }, { data: [2] }, { data: [3] }],
      legend: { data: ['"a"', '"a "', '(none)'] },
    });
  });

  it('are points of their own on a line, beyond 2^53 too', () => {
    const rows = ['9007199254740992', '9007199254740993'].map((x, n) => [x, n]);
    expect(draw({ kind: 'line', x: 'x', y: 'n' }, table({ x: 'BIGINT', n: 'INTEGER' }, ...rows))).toMatchObject({
      xAxis: { name: 'x minus 9,007,199,254,740,992' },
      series: [{ data: [{ value: [0, 0] }, { value: [1, 1] }] }],
    });
  });
});

it.each(['bar', 'line', 'area', 'scatter', 'pie'])('a %s says that it leaves out NaN and infinite values', (kind) => {
  const rows = ['1', 'NaN', 'Infinity'].map((y, at) => [`a${at}`, y]);
  const { notes } = pictureOf(Chart.parse({ kind, x: 'x', y: 'y' }), table({ x: 'VARCHAR', y: 'DOUBLE' }, ...rows));
  expect(notes).toEqual(['2 rows whose y is NaN or infinite not drawn']);
});

describe('what a chart cannot show', () => {
  const notes = (
    chart: Record<string, unknown>,
    type: string,
    ...rows: Table['rows']
  ): readonly string[] | undefined => {
    const { notes: said, option } = pictureOf(Chart.parse(chart), table({ x: type, n: 'INTEGER' }, ...rows));
    const { subtext = '' } = option.title as { subtext?: string };
    expect(subtext.replaceAll('\n', ' ')).toBe(said?.join('; '));
    return said;
  };
  const line = { kind: 'line', x: 'x', y: 'n' };
  const pie = { kind: 'pie', x: 'x', y: 'n' };

  it('is said under its title and in the result', () => {
    expect(notes(line, 'DATE', ['2026-01-01', 1], [null, 2], [null, 3])).toEqual(['2 rows without x not drawn']);
    expect(notes({ ...line, kind: 'bar' }, 'INTEGER', [null, 2], [1, 3])).toEqual(['1 row without x not drawn']);
    expect(notes(line, 'DATE', ['2026-01-01', null])).toEqual(['No values: n is NULL in every row']);
    expect(notes({ ...line, kind: 'scatter' }, 'INTEGER', [1, null], [1, 2])).toEqual(['1 row without n not drawn']);
    expect(notes({ kind: 'histogram', x: 'x' }, 'INTEGER', [null, 1], [1, 2])).toEqual(['1 row without x not drawn']);
    expect(notes(pie, 'VARCHAR', ['a', 0], ['b', 0])).toEqual(['Nothing to share: every n is 0']);
    expect(notes(pie, 'VARCHAR', ['a', null])).toEqual(['No values: n is NULL in every row']);
    expect(notes(pie, 'VARCHAR', ['a', 0], ['b', 1], ['c', null])).toEqual([
      '1 row of 0 not drawn',
      '1 row without n not drawn',
    ]);
    expect(notes(pie, 'VARCHAR', ['a\ue000', 1])).toEqual(['Characters that no font here has, drawn as boxes: U+E000']);
    expect(pictureOf(Chart.parse(pie), table({ x: 'VARCHAR', n: 'INTEGER' }, ['日本 😀 ไทย', 1])).notes).toEqual([]);
  });
});

describe('the cells of a heat map', () => {
  const header = { x: 'TIMESTAMP', y: 'VARCHAR', v: 'DOUBLE' };
  const map = (chart: Record<string, unknown>, ...rows: Table['rows']): Record<string, unknown> =>
    draw({ kind: 'heatmap', x: 'x', y: 'y', value: 'v', ...chart }, table(header, ...rows));
  const said = (...rows: Table['rows']): readonly string[] | undefined =>
    pictureOf(Chart.parse({ kind: 'heatmap', x: 'x', y: 'y', value: 'v' }), table(header, ...rows)).notes;

  it('stand at their time and name; those without a value are blank, which is not 0', () => {
    const option = map(
      {},
      ['2026-01-01T01:00:00', 'a', 0],
      ['2026-01-01T00:00:00', 'a', null],
      ['2026-01-01T00:00:00', 'b', 4],
    );
    expect(option).toMatchObject({
      xAxis: { data: ['2026-01-01 00:00', '2026-01-01 01:00'] },
      yAxis: { data: ['a', 'b'], inverse: true },
      series: [
        {
          data: [
            [1, 0, 0],
            [0, 1, 4],
          ],
        },
      ],
    });
  });

  it('are never one where rows differ', () => {
    expect(map({}, ['2026-01-01', 'a', 1], ['2026-01-01', 'a ', 2], ['2026-01-01', null, 3])).toMatchObject({
      yAxis: { data: ['"a"', '"a "', '(none)'] },
      series: [
        {
          data: [
            [0, 0, 1],
            [0, 1, 2],
            [0, 2, 3],
          ],
        },
      ],
    });
    expect(() => map({}, ['2026-01-01', 'a', 1], ['2026-01-01', 'a', 2])).toThrow(
      'Several rows have the x value 2026-01-01 and the y value a',
    );
  });

  it('say what is not drawn of them', () => {
    expect(said(['2026-01-01', 'a', 1], [null, 'a', 2])).toEqual(['1 row without x not drawn']);
    expect(said(['2026-01-01', 'a', 'NaN'], ['2026-01-02', 'a', 2])).toEqual([
      '1 row whose v is NaN or infinite not drawn',
    ]);
    expect(said(['2026-01-01', 'a', null])).toEqual(['No values: v is NULL in every row']);
  });

  it('are no more than can be told apart', () => {
    const rows = Array.from({ length: 61 }, (_, at) => ['2026-01-01', `agent ${at}`, at]);
    expect(() => map({}, ...rows)).toThrow('chart.y names y, which has 61 values: at most 60 can be drawn');
  });
});

describe('thin slices', () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => [`item ${n}`, 1]);
  const { option } = pictureOf(
    Chart.parse({ kind: 'pie', x: 'x', y: 'n' }),
    table({ x: 'VARCHAR', n: 'INTEGER' }, ...rows),
  );

  it('are named in a list beside the pie, with shares that are not 0', () => {
    const { legend, series } = option as unknown as {
      legend: { data: string[] };
      series: [{ data: { value: number }[]; label: object }];
    };
    expect(legend.data).toEqual([
      ...Array.from({ length: 6 }, (_, n) => `item ${n}  < 0.1 %`),
      '9,994 others  > 99.9 %',
    ]);
    expect(series[0].label).toEqual({ show: false });
    expect(series[0].data.reduce((sum, { value }) => sum + value, 0)).toBe(10_000);
  });
});

describe('numbers that are large and close together', () => {
  it('have bins with exact limits and distinct labels', () => {
    const rows = Array.from({ length: 50 }, (_, n) => [1e15 + n]);
    const option = draw({ kind: 'histogram', x: 'n' }, table({ n: 'BIGINT' }, ...rows));
    expect(option).toMatchObject({
      xAxis: [
        {},
        { name: 'n minus 1,000,000,000,000,000', min: 0, max: 60, axisLabel: { customValues: [0, 20, 40, 60] } },
      ],
      series: [{ data: [20, 20, 10] }],
    });
  });
});

describe('numbers that no axis can show', () => {
  it('are refused', () => {
    const data = table({ x: 'DOUBLE', y: 'DOUBLE' }, [1, 1e308], [2, -1e308]);
    for (const kind of ['line', 'scatter', 'bar']) {
      expect(() => draw({ kind, x: 'x', y: 'y' }, data)).toThrow('no axis can show that');
    }
    expect(() => draw({ kind: 'histogram', x: 'y' }, data)).toThrow('no axis can show that');
  });
});

describe('a small picture', () => {
  const tops = (count: number, said: string[]): number => {
    const rows = Array.from({ length: count }, (_, n) => [1, `some series with a long name ${n}`, n]);
    const chart = { kind: 'line', x: 'x', y: 'y', series: 's', width: 320, height: 240, title: 'word '.repeat(60) };
    const data = table({ x: 'INTEGER', s: 'VARCHAR', y: 'INTEGER' }, ...rows);
    const { option } = pictureOf(Chart.parse(chart), data, said);
    return (option.grid as { top: number }).top;
  };

  it('has room for its plot under whatever stands over it', () => {
    expect(tops(20, ['a long note '.repeat(40)])).toBeLessThanOrEqual(160);
    expect(tops(1, [])).toBeLessThanOrEqual(80);
  });
});
