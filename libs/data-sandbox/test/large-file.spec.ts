// A file beyond the memory against DuckDB's own way from CSV to Parquet. `LARGE_MB=1000` makes it the lane, in which the
// figure counts; the short form checks counts and memory, and prints the figure.
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';

import { Sandboxes } from '../src/sandbox.js';

const megabyte = 1_048_576;
const wantedMb = Number(process.env['LARGE_MB'] ?? 40);
const isLane = wantedMb >= 500;
/** Of one row of the file, about. */
const rowBytes = 114;

/** Numbers, dates, times, truth values, codes, and texts with quotes, commas and gaps. */
const table = (rows: number): string => `SELECT i AS id, TIMESTAMP '2020-01-01' + INTERVAL (i * 7) SECOND AS created_at,
  DATE '2015-01-01' + (hash(i) % 3000)::INTEGER AS day, 'Customer ' || (hash(i * 3) % 100000) AS customer,
  CASE WHEN i % 3 = 0 THEN 'said "yes", then left; order ' || i WHEN i % 7 = 0 THEN NULL
    ELSE 'plain note number ' || (hash(i) % 1000000) END AS note,
  round((hash(i * 5) % 1000000) / 100.0, 2)::DOUBLE AS amount, (hash(i * 11) % 500)::INTEGER AS quantity,
  i % 2 = 0 AS paid, ['DE', 'FR', 'US', 'IN'][1 + i % 4] AS country, lpad((hash(i * 13) % 100000)::VARCHAR, 6, '0') AS code,
  CASE WHEN i % 11 = 0 THEN NULL ELSE (hash(i * 17) % 200000)::INTEGER - 100000 END AS balance
  FROM range(${rows}) t(i)`;

describe('a CSV file beyond the memory', () => {
  const sandboxes = new Sandboxes(1);
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pulser-beyond-'));
    await mkdir(join(folder, 'spill'));
  });
  afterAll(async () => {
    sandboxes.close();
    await rm(folder, { recursive: true });
  });

  /** Milliseconds of DuckDB by itself, with as many threads, sniffing and losing what it does. */
  const own = async (csv: string): Promise<number> => {
    const database = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '400MB' });
    const connection = await database.connect();
    const start = performance.now();
    await connection.run(`COPY (FROM read_csv('${csv}')) TO '${join(folder, 'own.parquet')}'`);
    const ms = performance.now() - start;
    connection.closeSync();
    database.closeSync();
    return ms;
  };

  it('becomes Parquet with the types of a small one, in 600 MB, at a third of the speed of DuckDB at least', async () => {
    const rows = Math.round((wantedMb * 1_000_000) / rowBytes);
    const csv = join(folder, 'large.csv');
    const maker = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '400MB' });
    const connection = await maker.connect();
    await connection.run(`COPY (${table(rows)}) TO '${csv}' (FORMAT csv, HEADER true)`);
    connection.closeSync();
    maker.closeSync();
    const { size } = await stat(csv);

    const before = await own(csv);
    const start = performance.now();
    const { results, sources, peakBytes } = await sandboxes.work(
      {
        sources: [{ name: 'file', path: csv, borrowed: true, copyTo: join(folder, 'copy') }],
        statements: [{ sql: 'FROM file', keepRows: 1, into: { path: join(folder, 'out.parquet'), format: 'parquet' } }],
        refusedInto: join(folder, 'refused'),
        bounds: {
          memoryBytes: 600 * megabyte,
          bufferBytes: 192 * megabyte,
          spill: { folder: join(folder, 'spill'), maxBytes: 16_384 * megabyte },
          threads: 2,
        },
      },
      AbortSignal.timeout(600_000),
    );
    const ms = performance.now() - start;
    const after = await own(csv);

    const [written] = results;
    const duckdb = (before + after) / 2;
    const share = duckdb / ms;
    const second = (written?.elapsedMs ?? 0) / ms;
    process.stdout.write(
      `${(size / 1e6).toFixed(0)} MB, ${rows} rows, ${availableParallelism()} cores: ${(ms / 1_000).toFixed(1)} s; DuckDB by itself ${(before / 1_000).toFixed(1)} s before and ${(after / 1_000).toFixed(1)} s after: ${share.toFixed(2)} of its speed; first pass (records and types) ${((1 - second) * 100).toFixed(0)} %, second (Parquet) ${(second * 100).toFixed(0)} %; memory ${(peakBytes / megabyte).toFixed(0)} MiB at most\n`,
    );
    expect(written?.rowCount).toBe(rows);
    expect(sources).toMatchObject([{ rows, rows_refused: 0 }]);
    expect(written?.columns.map(({ type }) => type)).toEqual([
      'BIGINT',
      'TIMESTAMP',
      'DATE',
      'VARCHAR',
      'VARCHAR',
      'DOUBLE',
      'BIGINT',
      'BOOLEAN',
      'VARCHAR',
      'VARCHAR',
      'BIGINT',
    ]);
    expect(peakBytes).toBeLessThan(600_000_000);
    if (isLane) expect(share).toBeGreaterThanOrEqual(0.35);
  }, 900_000);
});
