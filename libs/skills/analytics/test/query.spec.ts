import { type OperationRun, runOperation } from '@pulser/agent-runtime/testing';

import { analytics, QueryResult } from '../src/index.js';
import { QueryInput } from '../src/query/query-contract.js';
import { query } from '../src/query/query.operation.js';
import { plainCsv, publicSource, publicText } from './public-data.js';

const running = (payload: Record<string, unknown>): Promise<OperationRun> =>
  runOperation(analytics, { operation: 'query', sources: [], ...payload });

const run = async (payload: Record<string, unknown>): Promise<QueryResult> =>
  QueryResult.parse((await running(payload)).result);

const svgOf = ({ artifacts }: OperationRun): string => String(artifacts.get('chart.svg')?.content);

describe('query', () => {
  it('finds the same yearly rain in a CSV file as adding it up by hand', async () => {
    const byYear = new Map<number, number>();
    for (const row of plainCsv('seattle-weather.csv')) {
      const year = Number(row['date']?.slice(0, 4));
      byYear.set(year, (byYear.get(year) ?? 0) + Number(row['precipitation']));
    }
    const result = await run({
      sources: [publicSource('weather', 'seattle-weather.csv')],
      sql: 'SELECT year(date) AS year, sum(precipitation) AS rain FROM weather GROUP BY ALL ORDER BY ALL',
    });
    expect(result.columns).toEqual([
      { name: 'year', type: 'BIGINT' },
      { name: 'rain', type: 'DOUBLE' },
    ]);
    expect(result.rows.map(([year]) => year)).toEqual([...byYear.keys()]);
    for (const [year, rain] of result.rows) expect(rain).toBeCloseTo(byYear.get(Number(year)) ?? 0, 6);
    expect(result).toMatchObject({ row_count: 4, truncated: false });
  });

  it('reads dates that are written in words, and joins two sources', async () => {
    const microsoft = plainCsv('stocks.csv').filter(({ symbol }) => symbol === 'MSFT');
    const best = Math.max(...microsoft.map(({ price }) => Number(price)));
    const result = await run({
      sources: [
        publicSource('stocks', 'stocks.csv'),
        { name: 'companies', format: 'ndjson', content: '{"symbol":"MSFT","company":"Microsoft"}\n' },
      ],
      sql: `SELECT company, max(price) AS best, min(strptime(date, '%b %d %Y')::DATE) AS since
            FROM stocks JOIN companies USING (symbol) GROUP BY ALL`,
    });
    expect(result.rows).toEqual([['Microsoft', best, '2000-01-01']]);
  });

  it('reads a JSON file with nulls as it is', async () => {
    const cars = JSON.parse(publicText('cars.json')) as { Origin: string; Horsepower: number | null }[];
    const strongest = (origin: string): number =>
      Math.max(...cars.filter(({ Origin }) => Origin === origin).map(({ Horsepower }) => Horsepower ?? 0));
    const result = await run({
      sources: [publicSource('cars', 'cars.json')],
      sql: 'SELECT Origin, max(Horsepower), count(*) FILTER (Horsepower IS NULL) FROM cars GROUP BY ALL ORDER BY ALL',
    });
    const unknown = (origin: string): number =>
      cars.filter(({ Origin, Horsepower }) => Origin === origin && Horsepower === null).length;
    expect(result.rows).toEqual(
      ['Europe', 'Japan', 'USA'].map((origin) => [origin, strongest(origin), unknown(origin)]),
    );
  });

  it('keeps titles that are numbers beside titles that are words', async () => {
    const movies = JSON.parse(publicText('movies.json')) as { Title: string | number | null }[];
    const result = await run({
      sources: [publicSource('movies', 'movies.json')],
      sql: 'SELECT Title FROM movies',
      max_rows: 10_000,
    });
    expect(result.rows.map(([title]) => title)).toEqual(movies.map(({ Title }) => Title));
    expect(movies.some(({ Title }) => typeof Title === 'number')).toBe(true);
  });

  it('keeps a thousand rows unless told otherwise, and says how many there are', async () => {
    const sources = [publicSource('weather', 'weather.csv')];
    const usual = await run({ sources, sql: 'FROM weather' });
    expect(usual).toMatchObject({ row_count: 2_922, truncated: true });
    expect(usual.rows).toHaveLength(1_000);
    const few = await run({ sources, sql: 'FROM weather', max_rows: 3 });
    expect(few.rows).toHaveLength(3);
    const all = await run({ sources, sql: 'FROM weather', max_rows: 2_922 });
    expect(all).toMatchObject({ row_count: 2_922, truncated: false });
  });

  it('does not count an endless result to its end', async () => {
    const result = await run({ sql: 'FROM range(10000000000000)', max_rows: 2 });
    expect(result).toMatchObject({ rows: [[0], [1]], row_count: null, truncated: true });
  });

  it('runs its own example and draws it', async () => {
    const { result, artifacts, progress } = await running(query.example);
    expect(QueryResult.parse(result).rows).toEqual([
      ['2026-01-01', 'North', 1200],
      ['2026-01-01', 'South', 860],
      ['2026-02-01', 'North', 990],
      ['2026-02-01', 'South', 1430],
      ['2026-03-01', 'North', 1680],
      ['2026-03-01', 'South', 1510],
      ['2026-04-01', 'North', 1750],
      ['2026-04-01', 'South', 1320],
    ]);
    expect([...artifacts].map(([name, { mediaType }]) => [name, mediaType])).toEqual([
      ['chart.svg', 'image/svg+xml'],
      ['chart.png', 'image/png'],
    ]);
    expect(progress.map(({ percent }) => percent)).toEqual([70]);
  });

  it('draws all the rows it may, though the result keeps fewer, and says so when there are more', async () => {
    const chart = { kind: 'scatter', x: 'n', y: 'n', title: 'Many' };
    const drawn = await running({ sql: 'SELECT range AS n FROM range(12000)', max_rows: 5, chart });
    expect(QueryResult.parse(drawn.result).rows).toHaveLength(5);
    expect(svgOf(drawn)).toContain('The first 10,000 of 12,000 rows');
  });

  it('says in the picture that there are no rows, or too many to count', async () => {
    const chart = { kind: 'line', x: 'n', y: 'n' };
    const drawn = async (sql: string): Promise<string> => svgOf(await running({ sql, chart }));
    expect(await drawn('SELECT 1 AS n WHERE false')).toContain('No rows');
    expect(await drawn('SELECT range AS n FROM range(10000000000000)')).toContain('The first 10,000 of many more rows');
  });

  it('refuses a chart of a column that is not there before it runs the statement, and lists those that are', async () => {
    const slow = "SELECT 'a' AS name, sum(a.range * b.range) AS n FROM range(100000) a, range(1000000) b";
    const columns = [
      { name: 'name', type: 'VARCHAR' },
      { name: 'n', type: 'HUGEINT' },
    ];
    await expect(run({ sql: slow, chart: { kind: 'bar', x: 'nmae', y: 'n' } })).rejects.toMatchObject({
      code: 'invalid_payload',
      permanent: true,
      facts: { details: { columns } },
    });
    await expect(run({ sql: slow, chart: { kind: 'bar', x: 'n', y: 'name' } })).rejects.toThrow(
      'chart.y needs a numeric column: name is VARCHAR',
    );
  });
});

describe('the payload of query', () => {
  const refused = (payload: Record<string, unknown>): boolean =>
    !QueryInput.safeParse({ operation: 'query', sources: [], sql: 'SELECT 1', ...payload }).success;
  const source = { name: 't', format: 'csv', content: 'a\n1' };

  it('names its sources with distinct SQL identifiers, twenty at most', () => {
    expect(refused({ sources: [source, { ...source, name: 'T' }] })).toBe(true);
    expect(refused({ sources: [{ ...source, name: 'a"; DROP TABLE t; --' }] })).toBe(true);
    expect(refused({ sources: [{ ...source, name: '1st' }] })).toBe(true);
    expect(refused({ sources: Array.from({ length: 21 }, (_, n) => ({ ...source, name: `t${n}` })) })).toBe(true);
    expect(refused({ sources: [source, { ...source, name: 'order' }] })).toBe(false);
  });

  it('knows no further fields, formats and kinds of chart, and at most 10,000 rows', () => {
    expect(refused({ path: '/etc/passwd' })).toBe(true);
    expect(refused({ sources: [{ ...source, format: 'parquet' }] })).toBe(true);
    expect(refused({ chart: { kind: 'radar', x: 'a', y: 'b' } })).toBe(true);
    expect(refused({ chart: { kind: 'line', x: 'a', y: ['b', 'c'], series: 'd' } })).toBe(true);
    expect(refused({ max_rows: 10_001 })).toBe(true);
    expect(refused({ sql: '  ' })).toBe(true);
  });
});
