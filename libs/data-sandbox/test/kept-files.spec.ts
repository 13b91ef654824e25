import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { answer } from '../src/inside/answer.js';
import type { Answer, Bounds, StatementRows, Work } from '../src/inside/job/job.js';
import { Sandboxes } from '../src/sandbox.js';

let folder = '';
let count = 0;
const sandboxes = new Sandboxes(1);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulser-kept-'));
});
afterAll(async () => {
  sandboxes.close();
  await rm(folder, { recursive: true });
});

const fresh = (): string => join(folder, `${(count += 1)}.parquet`);

const keep = (sql: string, path = fresh(), work: Partial<Work> = {}): Promise<Answer> =>
  answer({ sources: [], statements: [{ sql, keepRows: 3, into: { path, format: 'parquet' } }], ...work });

const kept = async (sql: string, path = fresh()): Promise<StatementRows> => {
  const result = await keep(sql, path);
  const [first] = result.kind === 'done' ? result.done.results : [];
  if (first === undefined) throw new Error(JSON.stringify(result));
  return first;
};

describe('rows that become a Parquet file', () => {
  it('come back as they were, counted, with the first ones', async () => {
    const path = fresh();
    const written = await kept("SELECT range AS n, 'x' || range AS t FROM range(1000); -- all", path);
    expect(written).toMatchObject({
      columns: [
        { name: 'n', type: 'BIGINT' },
        { name: 't', type: 'VARCHAR' },
      ],
      rows: [
        [0, 'x0'],
        [1, 'x1'],
        [2, 'x2'],
      ],
      rowCount: 1_000,
    });
    const back = await answer({
      sources: [{ name: 'file', path, borrowed: true }],
      sql: 'SELECT count(*), sum(n), max(t) FROM file',
      keepRows: 1,
      chart: undefined,
    });
    expect(back).toMatchObject({ rows: { rows: [[1_000, 499_500, 'x999']] } });
    expect(existsSync(path)).toBe(true);
  });

  it.each([
    ["DATE '2026-02-28'", 'DATE', '2026-02-28'],
    ["TIMESTAMP '2026-02-28 12:30:00.123456'", 'TIMESTAMP', '2026-02-28T12:30:00.123456'],
    ["TIMESTAMP_NS '2026-02-28 12:30:00.123456789'", 'TIMESTAMP_NS', '2026-02-28T12:30:00.123456789'],
    ["TIMESTAMPTZ '2026-02-28 12:30:00+02'", 'TIMESTAMP WITH TIME ZONE', '2026-02-28T10:30:00Z'],
    ["TIME '12:30:00.5'", 'TIME', '12:30:00.5'],
    ['\'{"a": 12345678901234567890}\'::JSON', 'JSON', { a: '12345678901234567890' }],
    ['1.50', 'DECIMAL(3,2)', '1.50'],
    ['true', 'BOOLEAN', true],
    ["'a'::BLOB", 'BLOB', 'YQ=='],
    ['[1, 2]', 'INTEGER[]', [1, 2]],
    ["{'a': 1, 'b': [2]}", 'STRUCT(a INTEGER, b INTEGER[])', { a: 1, b: [2] }],
    ["MAP {'a': 1}", 'MAP(VARCHAR, INTEGER)', [{ key: 'a', value: 1 }]],
    ["'NaN'::DOUBLE", 'DOUBLE', 'NaN'],
    ["INTERVAL '1 day'", 'INTERVAL', '1 day'],
    // Sums of integers: Parquet has none of 128 bits, and a double would round them.
    ['12345678901234567890123456789012345678::HUGEINT', 'DECIMAL(38,0)', '12345678901234567890123456789012345678'],
    ["'a'::ENUM('a', 'b')", 'VARCHAR', 'a'],
    [
      "'123456789012345678901234567890123456789012345'::BIGNUM",
      'VARCHAR',
      '123456789012345678901234567890123456789012345',
    ],
    ["'101'::BIT", 'VARCHAR', '101'],
  ])('keep %s', async (sql, type, value) => {
    expect(await kept(`SELECT ${sql} AS v`)).toMatchObject({ columns: [{ name: 'v', type }], rows: [[value]] });
  });

  it.each([
    ['SELECT [1::HUGEINT] AS v', 'The column v of type HUGEINT[] cannot be kept without loss: cast it'],
    ['SELECT union_value(a := 1) AS v', 'cannot be kept without loss'],
    ['SELECT 1 AS a, 2 AS A', 'Two columns are named A'],
    ["SELECT '170141183460469231731687303715884105727'::HUGEINT AS v", 'Conversion Error'],
    ['EXPLAIN SELECT 1', 'Only the rows of a SELECT can be kept'],
    ['SELECT 1; SELECT 2', 'Write one statement'],
    ["SELECT 1) TO '/tmp/x' (FORMAT csv); --", ''],
    ['SELECT 1) UNION ALL (SELECT 2', 'Parser Error'],
    ['CREATE TABLE t AS SELECT 1', 'Write a statement that returns rows'],
  ])('are refused: %s', async (sql, words) => {
    expect(await keep(sql)).toMatchObject({
      kind: 'refused',
      failure: { code: 'query_failed', message: expect.stringContaining(words) as string },
    });
  });

  it('may be of any SELECT', async () => {
    expect(await kept('VALUES (1)')).toMatchObject({ rowCount: 1 });
    expect(await kept("PIVOT (VALUES ('a', 1), ('b', 2)) t(name, n) ON name USING sum(n); -- ;")).toMatchObject({
      rows: [[1, 2].map(String)],
      rowCount: 1,
    });
    expect(await kept('DESCRIBE SELECT 1 AS n')).toMatchObject({ rowCount: 1 });
    expect(await kept('SELECT 1 AS n WHERE false')).toMatchObject({ rows: [], rowCount: 0 });
  });

  it.each([
    ['csv', 'n,t\n1,\n2,""\n3,"a,b"\n'],
    ['ndjson', '{"n":1,"t":null}\n{"n":2,"t":""}\n{"n":3,"t":"a,b"}\n'],
  ] as const)('or a %s file', async (format, content) => {
    const path = join(folder, `out.${format}`);
    const sql = "SELECT * FROM (VALUES (1, NULL), (2, ''), (3, 'a,b')) v(n, t)";
    const result = await answer({ sources: [], statements: [{ sql, keepRows: 0, into: { path, format } }] });
    expect(result).toMatchObject({ done: { results: [{ rowCount: 3 }] } });
    expect(await readFile(path, 'utf8')).toBe(content);
  });

  it('as NDJSON have NaN and infinite numbers as texts, because JSON has none', async () => {
    const path = join(folder, 'unreal.ndjson');
    const sql = `SELECT v AS v, [v] AS l, {'a': v} AS s, 1.50 AS d, '{"q":[1]}'::JSON AS j FROM (VALUES (NULL), (1.5::DOUBLE), ('NaN'), ('-Infinity')) t(v)`;
    await answer({ sources: [], statements: [{ sql, keepRows: 0, into: { path, format: 'ndjson' } }] });
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { v: null, l: [null], s: { a: null }, d: 1.5, j: { q: [1] } },
      { v: 1.5, l: [1.5], s: { a: 1.5 }, d: 1.5, j: { q: [1] } },
      { v: 'nan', l: '[nan]', s: "{'a': nan}", d: 1.5, j: { q: [1] } },
      { v: '-inf', l: '[-inf]', s: "{'a': -inf}", d: 1.5, j: { q: [1] } },
    ]);
  });
});

describe('SQL of a user beside a large dataset', () => {
  let dataset = '';
  let secret = '';
  beforeAll(async () => {
    dataset = fresh();
    await kept('SELECT range AS n, hash(range)::VARCHAR AS t FROM range(1200000)', dataset);
    secret = fresh();
    await kept("SELECT 'xyzzy' AS word", secret);
  });

  const ask = async (sql: string, into = fresh()): Promise<{ result: Answer; copyTo: string; into: string }> => {
    const copyTo = fresh();
    const result = await answer({
      sources: [{ name: 'sales', path: dataset, borrowed: true, copyTo }],
      statements: [{ sql, keepRows: 10, into: { path: into, format: 'parquet' } }],
    });
    return { result, copyTo, into };
  };

  it('reads it', async () => {
    const { result } = await ask('SELECT count(*)::BIGINT AS n FROM sales');
    expect(result).toMatchObject({ done: { results: [{ rows: [[1_200_000]] }] } });
  });

  it('reads no other file', async () => {
    for (const sql of [
      `FROM read_parquet('${secret}')`,
      `FROM read_blob('${secret}')`,
      `FROM glob('${folder}/*')`,
      `FROM read_text('/etc/passwd')`,
      `FROM read_blob('${dataset}')`,
    ]) {
      const { result } = await ask(sql);
      expect(result).toMatchObject({ kind: 'refused', failure: { code: 'query_failed' } });
      expect(JSON.stringify(result)).not.toContain('xyzzy');
    }
  });

  it('cannot change what others read, whatever it tries on the paths that it can learn', async () => {
    const before = await readFile(dataset);
    const copyTo = fresh();
    const target = fresh();
    const work = (sql: string): Work => ({
      sources: [{ name: 'sales', path: dataset, borrowed: true, copyTo }],
      statements: [{ sql, keepRows: 10, into: { path: target, format: 'parquet' } }],
    });
    for (const path of [dataset, copyTo, secret, '/tmp/pulser-written']) {
      for (const sql of [
        `FROM enable_logging(storage = 'file', storage_path = '${path}')`,
        `FROM enable_profiling(format = 'json', save_location = '${path}')`,
        `EXPLAIN ANALYZE COPY (SELECT 1) TO '${path}'`,
        `COPY (SELECT 1) TO '${path}'`,
      ]) {
        await sandboxes.work(work(sql), AbortSignal.timeout(100_000)).catch(() => undefined);
        await rm(target, { force: true });
      }
    }
    expect((await readFile(dataset)).equals(before)).toBe(true);
    expect(existsSync('/tmp/pulser-written')).toBe(false);
  });

  it('writes its rows only where they are wanted', async () => {
    const into = join(folder, 'wanted');
    await mkdir(into);
    const { result } = await ask('FROM sales LIMIT 5', join(into, 'a.parquet'));
    expect(result).toMatchObject({ done: { results: [{ rowCount: 5 }] } });
    expect(await readdir(into)).toEqual(['a.parquet']);
  });

  it('has small ones in memory, without a path to learn', async () => {
    const result = await answer({
      sources: [{ name: 'small', path: secret, borrowed: true, copyTo: fresh() }],
      sql: "SELECT current_setting('allowed_paths')::VARCHAR, word FROM small",
      keepRows: 1,
      chart: undefined,
    });
    expect(result).toMatchObject({ rows: { rows: [['[]', 'xyzzy']] } });
  });
});

describe('the bounds of a job', () => {
  const bounds = (spill: boolean): Bounds => ({
    memoryBytes: 560 * 1_048_576,
    bufferBytes: 200 * 1_048_576,
    ...(spill ? { spill: { folder: join(folder, 'spill'), maxBytes: 4e9 } } : {}),
  });
  const sort = 'FROM range(20000000) ORDER BY hash(range)';

  it('let it spill to a private folder, of which nothing is left', async () => {
    const path = fresh();
    const work = (spill: boolean): Work => ({
      sources: [],
      statements: [{ sql: sort, keepRows: 1, into: { path, format: 'parquet' } }],
      bounds: bounds(spill),
    });
    const signal = AbortSignal.timeout(220_000);
    await expect(sandboxes.work(work(false), signal)).rejects.toMatchObject({ code: 'resource_limit' });
    await rm(path, { force: true });
    const { results, peakBytes } = await sandboxes.work(work(true), signal);
    expect(results[0]?.rowCount).toBe(20_000_000);
    expect(peakBytes).toBeLessThan(560 * 1_048_576);
    expect(existsSync(join(folder, 'spill')) ? await readdir(join(folder, 'spill')) : []).toEqual([]);
  }, 240_000);

  it('counts the memory of its own process, not of the one that started it', async () => {
    const ballast = Buffer.alloc(700 * 1_048_576, 1);
    const another = new Sandboxes(1);
    const work = { sources: [], statements: [{ sql: 'SELECT 1', keepRows: 1, chart: undefined }] };
    const { peakBytes } = await another.work(work, AbortSignal.timeout(60_000));
    another.close();
    expect(peakBytes).toBeLessThan(ballast.length);
  });
});
