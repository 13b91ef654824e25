// A source becomes a table: unpacked, its format found, read.
import { readFile, rm, stat } from 'node:fs/promises';

import type { DuckDBConnection } from '@duckdb/node-api';
import { type ReadReport, readTable, type Table } from '@pulser/tabular';

import type { StagedSource } from '../../sources/sources.js';
import { collectGarbage, type Loading } from '../table/loading.js';
import { hasManyLines, isReadInPasses, type Pledge, readLargeCsv, usualPasses } from '../large/large-csv.js';
import { createTable } from '../table/fill-table.js';
import { formatOf } from './format.policy.js';
import type { Bounds } from '../job/job.js';
import { readParquet } from './parquet.js';
import { type Unpacked, unpacked } from './unpack.js';
import { sheetTable } from './xlsx.js';

export interface Read {
  readonly report: ReadReport;
  /** The file that the table is read from; undefined when all of it is in the database. */
  readonly path?: string | undefined;
  /** Of a file whose values are proved by whoever reads them. */
  readonly pledge?: Pledge | undefined;
}

const usualUnpackedBytes = 256 * 1_048_576;

const tableOf = async ({ name, sheet, options = {}, isText = false }: StagedSource, file: Unpacked): Promise<Table> => {
  const format = formatOf(file);
  if (format === 'xlsx') return sheetTable(file.path, { name, sheet, options });
  if (format === 'parquet') throw new TypeError('A Parquet file is read by DuckDB');
  const bytes = await readFile(file.path);
  return readTable({ name, format, content: isText ? bytes.toString() : bytes, options });
};

/** What is read in passes needs a folder of its own, which jobs of queries have not. */
const isLargeCsv = async (
  file: Unpacked,
  { options = {} }: StagedSource,
  { spill, passes = usualPasses }: Bounds,
): Promise<boolean> => {
  if (formatOf(file) !== 'csv' || spill === undefined) return false;
  return (
    isReadInPasses((await stat(file.path)).size, options, passes.fromBytes) || (await hasManyLines(file.path, options))
  );
};

const readFrom = async (
  connection: DuckDBConnection,
  source: StagedSource,
  file: Unpacked,
  { bounds, trusted, refused }: Loading,
): Promise<Read> => {
  if (formatOf(file) === 'parquet') return readParquet(connection, source, file.path, trusted);
  if (await isLargeCsv(file, source, bounds))
    return readLargeCsv(connection, source, file.path, refused, bounds.passes);
  const table = await tableOf(source, file);
  collectGarbage();
  await createTable(connection, source.name, table);
  await refused?.add(source.name, table.refused);
  return { report: table.report };
};

/** Makes the table of a source. @throws Unreadable, or what DuckDB throws */
export const readSource = async (
  connection: DuckDBConnection,
  source: StagedSource,
  loading: Loading,
): Promise<Read> => {
  const file = await unpacked(source, loading.bounds.unpackedBytes ?? usualUnpackedBytes);
  let read: Read | undefined;
  try {
    read = await readFrom(connection, source, file, loading);
    return read;
  } finally {
    // What a view reads stays as long as its folder.
    if (file.path !== source.path && file.path !== read?.path) await rm(file.path, { force: true });
  }
};
