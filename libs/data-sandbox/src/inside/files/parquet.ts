// Parquet files as tables.
import { copyFile, stat } from 'node:fs/promises';

import type { DuckDBConnection } from '@duckdb/node-api';
import { boundedReport, type ReadReport } from '@pulser/tabular';

import type { StagedSource } from '../../sources/sources.js';
import { quotedName, quotedText } from '../job/sql-text.js';

/** A file of at most so many bytes and cells is copied into the database: it is read once then, and leaves no path. */
const smallBytes = 8 * 1_048_576;
const smallCells = 1_000_000;

interface NamedType {
  readonly name: string;
  readonly type: string;
}

/** The columns of a Parquet file, with types as DuckDB writes them. */
export const parquetColumns = async (connection: DuckDBConnection, path: string): Promise<NamedType[]> => {
  const result = await connection.runAndReadAll(`DESCRIBE FROM read_parquet(${quotedText(path)})`);
  return result.getRows().map(([name, type]) => ({ name: name as string, type: type as string }));
};

/** How many rows a Parquet file has. */
export const parquetRows = async (connection: DuckDBConnection, path: string): Promise<number> => {
  const sql = `SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(${quotedText(path)})`;
  const result = await connection.runAndReadAll(sql);
  return Number(result.getRows()[0]?.[0] ?? 0);
};

const reportOf = (name: string, rows: number, columns: readonly NamedType[]): ReadReport =>
  boundedReport({
    name,
    format: 'parquet',
    encoding: 'binary',
    columns: columns.map((column) => ({ ...column, decided_by: 'file' })),
    rows,
    rows_refused: 0,
    refused: [],
    guesses: [],
    warnings: [],
  });

/** The file that a view reads: SQL of a user may open it, and must not be able to change what others read. */
const readable = async (path: string, { copyTo }: StagedSource): Promise<string> => {
  if (copyTo === undefined) return path;
  await copyFile(path, copyTo);
  return copyTo;
};

/**
 * Makes a view of the file for trusted statements, which may name its path, too. For others it makes a table of a small
 * file, and a view of a private copy of a larger one.
 *
 * @returns the path that the view reads
 */
export const readParquet = async (
  connection: DuckDBConnection,
  source: StagedSource,
  path: string,
  trusted: boolean,
): Promise<{ report: ReadReport; path?: string }> => {
  const name = quotedName(source.name);
  const columns = await parquetColumns(connection, path);
  const rows = await parquetRows(connection, path);
  const report = reportOf(source.name, rows, columns);
  const { size } = await stat(path);
  if (trusted) {
    await connection.run(`CREATE VIEW ${name} AS FROM read_parquet(${quotedText(path)})`);
    return { report, path };
  }
  if (size <= smallBytes && rows * columns.length <= smallCells) {
    await connection.run(`CREATE TABLE ${name} AS FROM read_parquet(${quotedText(path)})`);
    return { report };
  }
  const read = await readable(path, source);
  await connection.run(`CREATE VIEW ${name} AS FROM read_parquet(${quotedText(read)})`);
  return { report, path: read };
};
