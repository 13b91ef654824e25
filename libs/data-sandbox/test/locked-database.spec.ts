import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { answer } from '../src/inside/answer.js';
import type { Answer } from '../src/inside/job/job.js';
import { Sandboxes } from '../src/sandbox.js';

const directory = mkdtempSync(join(tmpdir(), 'pulser-locked-'));
const secret = join(directory, 'secret.csv');
const target = join(directory, 'target');
const sandboxes = new Sandboxes(1);

beforeAll(() => {
  writeFileSync(secret, 'word\nxyzzy\n');
});
afterAll(() => {
  sandboxes.close();
  rmSync(directory, { recursive: true });
});

const ask = (sql: string): Promise<Answer> => answer({ sources: [], sql, keepRows: 10, chart: undefined });

describe('SQL in a locked database', () => {
  it.each([
    `FROM read_text('${secret}')`,
    `FROM read_blob('${secret}')`,
    `FROM read_csv('${secret}')`,
    `FROM read_json('${secret}')`,
    `FROM read_parquet('${secret}')`,
    `FROM read_duckdb('${secret}')`,
    `FROM parquet_metadata('${secret}')`,
    `FROM sniff_csv('${secret}')`,
    `FROM '${secret}'`,
    `FROM "${secret}"`,
    `FROM glob('${directory}/*')`,
    `FROM query('FROM read_text(''${secret}'')')`,
    `FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''${secret}'')'))`,
    `EXPLAIN ANALYZE SELECT * FROM read_text('${secret}')`,
    "FROM read_blob('/proc/self/environ')",
    "FROM 'https://example.org/data.csv'",
    "FROM read_csv('s3://bucket/data.csv')",
    "SELECT getenv('HOME')",
    'FROM duckdb_extensions()',
  ])('reads nothing outside: %s', async (sql) => {
    const refused = await ask(sql);
    expect(refused).toMatchObject({ kind: 'refused', failure: { code: 'query_failed' } });
    expect(JSON.stringify(refused)).not.toContain('xyzzy');
  });

  it.each([
    `COPY (SELECT 1) TO '${target}'`,
    `EXPLAIN ANALYZE COPY (SELECT 1) TO '${target}'`,
    `EXPORT DATABASE '${target}'`,
    `IMPORT DATABASE '${directory}'`,
    `ATTACH '${target}'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    `LOAD '${target}'`,
    "CREATE SECRET (TYPE s3, KEY_ID 'x', SECRET 'y')",
    "CALL enable_logging(storage = 'file')",
    `PRAGMA profiling_output = '${target}'`,
    'PRAGMA enable_profiling',
    "PRAGMA import_database('x')",
  ])('writes nothing and loads nothing: %s', async (sql) => {
    expect(await ask(sql)).toMatchObject({ kind: 'refused', failure: { code: 'query_failed' } });
    expect(existsSync(target)).toBe(false);
  });

  it.each([
    `FROM enable_logging(storage = 'file', storage_path = '${target}')`,
    `FROM enable_profiling(format = 'json', save_location = '${target}')`,
    `PIVOT (SELECT 1 AS n, w FROM (VALUES ('x')) v(w) LEFT JOIN enable_profiling(format = 'json', save_location = '${target}') ON true) ON w USING sum(n)`,
    `PIVOT (SELECT 1 AS n, w FROM (VALUES ('x')) v(w) LEFT JOIN enable_logging(storage = 'file', storage_path = '${target}') ON true) ON w USING sum(n)`,
  ])('writes no log where a SELECT asks for one, at worst it crashes its process: %s', async (sql) => {
    const signal = AbortSignal.timeout(100_000);
    const job = { sources: [], keepRows: 10, chart: undefined };
    await sandboxes.run({ ...job, sql }, signal).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'query_failed', permanent: true });
    });
    expect(existsSync(target)).toBe(false);
    expect(await sandboxes.run({ ...job, sql: 'SELECT 42' }, signal)).toMatchObject({ rows: [[42]] });
  });

  it.each([
    'SET enable_external_access = true',
    'RESET enable_external_access',
    'SET lock_configuration = false',
    "SET memory_limit = '10GB'",
    "PRAGMA memory_limit = '10GB'",
    "SET temp_directory = '/tmp'",
    'SET threads = 8',
    "SET TimeZone = 'Asia/Tokyo'",
  ])('changes no setting: %s', async (sql) => {
    expect(await ask(sql)).toMatchObject({ kind: 'refused', failure: { code: 'query_failed' } });
  });

  it('shows settings that say nothing of the machine', async () => {
    const settings = ['enable_external_access', 'lock_configuration', 'temp_directory', 'threads', 'home_directory'];
    const sql = `SELECT ${settings.map((name) => `current_setting('${name}')`).join(', ')}`;
    expect(await ask(sql)).toMatchObject({ rows: { rows: [[false, true, '', 1, '']] } });
  });

  it('does not spill to disk: a sort beyond the memory limit is refused', async () => {
    const refused = await ask('FROM range(100000000) ORDER BY hash(range)');
    expect(refused).toMatchObject({ kind: 'refused', failure: { code: 'resource_limit' } });
  });
});

describe('the one statement', () => {
  it.each([
    ['SELECT 42 AS n', [[42]]],
    ['VALUES (42)', [[42]]],
    ['FROM (SELECT 42)', [[42]]],
    ['WITH t AS (SELECT 42 AS n) FROM t;', [[42]]],
    ["SELECT ';' AS text -- ; not a second one", [[';']]],
    ["PIVOT (VALUES ('a', 1), ('b', 2)) t(name, n) ON name USING sum(n)", [[1, 2]]],
    ["FROM (PIVOT (VALUES ('a', 1), ('b', 2)) t(name, n) ON name USING sum(n)); ", [[1, 2]]],
    ["PIVOT (VALUES ('a', 1), ('b', 2)) t(name, n) ON name USING sum(n); -- note; of two; parts", [[1, 2]]],
    ["PIVOT (VALUES ('a', 1), ('b', 2)) t(name, n) ON name USING sum(n) /* ; */ ; /* a\nnote */ ;\n-- end", [[1, 2]]],
    ["PIVOT (VALUES ('a;--', 1), ('b', 2)) t(name, n) ON name USING sum(n) -- the end;", [[1, 2]]],
    ["PIVOT (VALUES ($$a;$$, 1), (e'b\\';--', 2)) t(name, n) ON name USING sum(n);", [[1, 2]]],
    ['-- note;\nSELECT 1; -- note', [[1]]],
  ])('may be %s', async (sql, rows) => {
    expect(await ask(sql)).toMatchObject({ kind: 'rows', rows: { rows } });
  });

  it.each(['DESCRIBE SELECT 1 AS n', 'SUMMARIZE SELECT 1 AS n', 'SHOW TABLES', 'EXPLAIN SELECT 1'])(
    'may be %s',
    async (sql) => {
      expect(await ask(sql)).toMatchObject({ kind: 'rows' });
    },
  );

  it.each([
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE t',
    'SELECT 1; FROM (SELECT 2)',
    'SELECT 1 /* ; */; -- ;\nFROM (SELECT 2);',
    'CREATE TABLE t AS SELECT 1; FROM t',
    'SELECT 1;;SELECT 2',
  ])('is not several: %s', async (sql) => {
    expect(await ask(sql)).toMatchObject({
      failure: { code: 'query_failed', message: 'Write one statement: these are 2' },
    });
  });

  it.each([
    ['CREATE TABLE t AS SELECT 1', 'CREATE'],
    ['BEGIN', 'TRANSACTION'],
    ['CHECKPOINT', 'CALL'],
    ['PREPARE p AS SELECT 1', 'PREPARE'],
  ])('returns rows of data, unlike %s', async (sql, kind) => {
    expect(await ask(sql)).toMatchObject({
      failure: { message: `Write a statement that returns rows, such as SELECT: this one is ${kind}` },
    });
  });

  it.each(['-- nothing', ';', '/* */'])('is not missing: %s', async (sql) => {
    expect(await ask(sql)).toMatchObject({ failure: { code: 'query_failed', message: 'The SQL holds no statement' } });
  });
});
