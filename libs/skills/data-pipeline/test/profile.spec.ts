import { ProfileResult } from '../src/index.js';
import { Pipeline, publicFile } from './pipeline.js';

const pipeline = new Pipeline();
const columns = ['date', 'precipitation', 'temp_max', 'temp_min', 'wind', 'weather'];
const records = publicFile('seattle-weather.csv')
  .toString()
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

beforeAll(() => pipeline.ingest('weather', publicFile('seattle-weather.csv').toString()));
afterAll(() => {
  pipeline.close();
});

const profiled = async (
  dataset: string,
  more: Record<string, unknown> = {},
): Promise<{ result: ProfileResult; artifacts: ReadonlyMap<string, { content: Buffer }> }> => {
  const { result, artifacts } = await pipeline.run({ operation: 'profile', dataset, ...more });
  return { result: ProfileResult.parse(result), artifacts };
};

/** Linear between the two nearest, as SQL has it. */
const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  const at = share * (sorted.length - 1);
  const [low = 0, high = 0] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
};

describe('profile', () => {
  it('agrees with what is counted by hand on public data', async () => {
    const { result, artifacts } = await profiled('dataset:weather');
    expect(result).toMatchObject({
      rows: records.length,
      exact: true,
      duplicate_rows: 0,
      key_candidates: ['date'],
      columns_left_out: 0,
    });
    expect(result.columns.map(({ name }) => name)).toEqual(columns);
    const highs = records.map((cells) => Number(cells[2]));
    const high = result.columns[2];
    expect(high).toMatchObject({
      type: 'DOUBLE',
      nulls: 0,
      min: Math.min(...highs),
      max: Math.max(...highs),
      distinct: new Set(highs).size,
    });
    expect(high?.mean).toBeCloseTo(highs.reduce((sum, one) => sum + one, 0) / highs.length, 9);
    for (const share of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      expect(high?.quantiles?.[`${share * 100} %`]).toBeCloseTo(quantile(highs, share), 9);
    }
    const kinds = new Map<string, number>();
    for (const cells of records) kinds.set(cells[5] ?? '', (kinds.get(cells[5] ?? '') ?? 0) + 1);
    const top = [...kinds].sort(([, one], [, other]) => other - one).map(([value, rows]) => ({ value, rows }));
    expect(result.columns[5]).toMatchObject({ distinct: kinds.size, lengths: { min: 3, max: 7 } });
    expect(result.columns[5]?.top.map(({ rows }) => rows)).toEqual(top.map(({ rows }) => rows));
    expect(result.findings).toEqual([]);
    expect(result.charts).toHaveLength(5);
    for (const name of result.charts) {
      expect(artifacts.get(name)?.content.toString()).toMatch(/^<svg/);
      expect(artifacts.get(name.replace('.svg', '.png'))?.content.subarray(1, 4).toString()).toBe('PNG');
    }
  });

  it('draws as many rows as there are', async () => {
    const { artifacts } = await profiled('dataset:weather', { columns: ['temp_max'] });
    const svg = artifacts.get('column-1.svg')?.content.toString() ?? '';
    expect(svg).toContain('temp_max: how values spread');
  });

  it('finds what is odd', async () => {
    const rows = [
      ['n', 'text', 'gaps', 'same', 'born', 'seen', 'padded', 'none'],
      ['"1,234"', 'x', '', 'a', '1970-01-01', '01.02.2024', '" a"', ''],
      ['"12"', 'y', '', 'a', '1850-05-05', '02.01.2024', '"b"', ''],
      ['"99.5"', 'x', 'z', 'a', '2990-01-01', '03.04.2024', '""', ''],
      ['"99.5"', 'x', 'z', 'a', '2020-01-01', '03.04.2024', '""', ''],
      ['"99.5"', 'x', '', 'a', '2020-01-01', '03.04.2024', '""', ''],
      ['"99.5"', 'x', '', 'a', '2020-01-01', '03.04.2024', '""', ''],
    ];
    await pipeline.ingest('odd', rows.map((row) => row.join(',')).join('\n'), {
      types: { n: 'VARCHAR', seen: 'VARCHAR' },
    });
    const { result } = await profiled('dataset:odd', { max_charts: 2 });
    expect(result.duplicate_rows).toBe(1);
    expect(result.findings.map(({ column, code, rows: count }) => [column, code, count])).toEqual([
      ['n', 'numbers_as_text', 6],
      ['gaps', 'mostly_null', 4],
      ['same', 'constant', 6],
      ['born', 'suspicious_dates', 1],
      ['born', 'suspicious_dates', 1],
      ['born', 'suspicious_dates', 1],
      ['seen', 'dates_as_text', 6],
      ['padded', 'blanks_around', 1],
      ['padded', 'empty_texts', 4],
      ['none', 'all_null', 6],
    ]);
    expect(result.charts).toEqual(['missing-values.svg', 'column-1.svg', 'column-2.svg']);
  });

  it('measures three million rows within its bounds, and says what it estimates', async () => {
    pipeline.give('artifact:0198c7a0-0000-7000-8000-000000000009/flights.parquet', publicFile('flights-3m.parquet'));
    const source = { artifact: 'artifact:0198c7a0-0000-7000-8000-000000000009/flights.parquet' };
    await pipeline.run({ operation: 'ingest', dataset: 'flights', source });
    const { result } = await profiled('dataset:flights');
    expect(result).toMatchObject({ rows: 3_000_000, exact: false, key_candidates: [] });
    expect(result.columns.length).toBeGreaterThan(3);
  }, 240_000);

  it('takes nested, empty and strange columns', async () => {
    await pipeline.ingest('nested', '[{"a":[1],"b":{"c":1},"d\\"":1e300},{"a":[2],"d\\"":-1e300}]', { format: 'json' });
    expect((await profiled('dataset:nested')).result).toMatchObject({
      columns: [{ distinct: null }, { distinct: null }, { name: 'd"', distinct: 2 }],
    });
    await pipeline.run({
      operation: 'transform',
      dataset: 'empty',
      sources: [],
      sql: "SELECT 1 AS n, 'a' AS t, 'NaN'::DOUBLE AS x WHERE false",
    });
    expect((await profiled('dataset:empty')).result).toMatchObject({ rows: 0, charts: [], findings: [] });
    await pipeline.run({
      operation: 'transform',
      dataset: 'unreal',
      sources: [],
      sql: "VALUES ('NaN'::DOUBLE), ('Infinity'), (1), (3)",
    });
    expect((await profiled('dataset:unreal')).result).toMatchObject({
      columns: [{ min: 1, max: 3, mean: 2 }],
      findings: [{ code: 'not_finite', rows: 2 }],
    });
  });

  it('refuses columns that are not there', async () => {
    await expect(profiled('dataset:weather', { columns: ['nope'] })).rejects.toMatchObject({ code: 'column_unknown' });
  });
});
