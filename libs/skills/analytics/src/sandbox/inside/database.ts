// A private DuckDB: made, filled with the sources, then locked.
import { rm } from 'node:fs/promises';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import type { CsvDialect } from '../../sources/csv-dialect.policy.js';
import type { StagedSource } from '../../sources/sources.js';
import { sourceFailure, Refusal } from './failure.policy.js';

/** What DuckDB's buffer manager may hold: tables, sorts, joins, aggregates. Vectors escape it: see sandbox.process.ts. */
const bufferMemory = '256MB';

const options = {
  memory_limit: bufferMemory,
  threads: '1',
  // Nothing spills to disk: a query beyond the limit fails.
  temp_directory: '',
  max_temp_directory_size: '0B',
  errors_as_json: 'true',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_persistent_secrets: 'false',
  // Never read or made: keeps the paths of this machine out of DuckDB's messages.
  extension_directory: '/none',
  secret_directory: '/none',
};

/**
 * From here on the connection reads and writes no file, reaches no network, loads no extension, and cannot undo this:
 * https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
export const lock = async (connection: DuckDBConnection): Promise<void> => {
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
};

/** Runs `use` with a connection to a new, empty in-memory database, which is closed when `use` settles. */
export const withDatabase = async <T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
  const instance = await DuckDBInstance.create(':memory:', options);
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
};

const csvFormat = ({ delimiter }: CsvDialect): string =>
  `delim = '${delimiter}', quote = '"', escape = '"', comment = '', header = true, skip = 0`;

const reader = (source: StagedSource): string => {
  if (source.format === 'csv') return `read_csv($1, ${csvFormat(source.dialect)}, sample_size = -1)`;
  return `read_json($1, format = '${source.format === 'ndjson' ? 'newline_delimited' : 'auto'}', sample_size = -1)`;
};

/** Throws with the line that is wrong; the failed detection of types only lists what it tried. */
const diagnose = async (connection: DuckDBConnection, path: string, dialect: CsvDialect): Promise<void> => {
  const columns = Array.from({ length: dialect.columns }, (_, index) => `c${index}: 'VARCHAR'`).join(', ');
  const sql = `SELECT count(*) FROM read_csv($1, ${csvFormat(dialect)}, auto_detect = false, columns = {${columns}})`;
  await connection.run(sql, [path]);
};

const load = async (connection: DuckDBConnection, source: StagedSource): Promise<void> => {
  try {
    await connection.run(`CREATE TABLE "${source.name}" AS FROM ${reader(source)}`, [source.path]);
  } catch (error) {
    if (source.format === 'csv') await diagnose(connection, source.path, source.dialect);
    throw error;
  }
};

/** Makes a table of each source and deletes its file. @throws Refusal `source_unreadable`, naming the source */
export const loadSources = async (connection: DuckDBConnection, sources: readonly StagedSource[]): Promise<void> => {
  for (const source of sources) {
    try {
      await load(connection, source);
    } catch (error) {
      throw new Refusal(sourceFailure(error, source), error);
    } finally {
      await rm(source.path, { force: true });
    }
  }
};
