// A private DuckDB: made, filled with the sources, then locked.
import { readFile, rm } from 'node:fs/promises';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { type ReadReport, readTable, type Table, Unreadable } from '@pulser/tabular';

import type { StagedSource } from '../../sources/sources.js';
import { sourceFailure, Refusal } from './failure.policy.js';
import { tooMuchMemory } from './job.js';
import { createTable } from './load.js';

/** What DuckDB's buffer manager may hold: tables, sorts, joins, aggregates. Vectors escape it: see sandbox.process.ts. */
const bufferMemory = '320MB';
/**
 * While tables are filled. DuckDB reserves 32 kB twice for each column, however few rows there are: 256 MB for 4,000
 * columns, of which most is never touched. What is touched counts in sandbox.process.ts.
 */
const loadMemory = '1GB';

const options = {
  memory_limit: loadMemory,
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

const readStaged = async ({ name, format, path, options = {}, isText = false }: StagedSource): Promise<Table> => {
  const bytes = await readFile(path);
  return readTable({ name, format, content: isText ? bytes.toString() : bytes, options });
};

const unreadable = (name: string, error: Unreadable): Refusal => {
  const reason = error.message;
  const details = { source: name, reason, ...(error.line === undefined ? {} : { line: error.line }) };
  return new Refusal(
    { code: 'source_unreadable', message: `The source ${name} cannot be read: ${reason}`, details },
    error,
  );
};

/** Above this the garbage of reading is collected at once, in bytes: the query needs the room. */
const collectAbove = 192 * 1_048_576;

const collectGarbage = (): void => {
  if (process.memoryUsage.rss() > collectAbove) globalThis.gc?.();
};

const load = async (connection: DuckDBConnection, source: StagedSource): Promise<ReadReport> => {
  try {
    const table = await readStaged(source);
    collectGarbage();
    await createTable(connection, source.name, table);
    return table.report;
  } catch (error) {
    throw error instanceof Unreadable
      ? unreadable(source.name, error)
      : new Refusal(sourceFailure(error, source), error);
  } finally {
    await rm(source.path, { force: true });
  }
};

/**
 * Makes a table of each source, deletes its file and returns the reports on what was read.
 *
 * @throws Refusal `source_unreadable`, naming the source, or `resource_limit`
 */
export const loadSources = async (
  connection: DuckDBConnection,
  sources: readonly StagedSource[],
): Promise<readonly ReadReport[]> => {
  const reports: ReadReport[] = [];
  for (const source of sources) reports.push(await load(connection, source));
  collectGarbage();
  try {
    await connection.run(`SET memory_limit = '${bufferMemory}'`);
  } catch (error) {
    throw new Refusal({ code: 'resource_limit', message: tooMuchMemory('The data'), details: {} }, error);
  }
  return reports;
};
