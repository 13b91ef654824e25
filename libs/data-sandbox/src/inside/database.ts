// A private DuckDB: made, filled with the sources, then locked.
import { rm } from 'node:fs/promises';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { type ReadReport, Unreadable } from '@pulser/tabular';

import type { StagedSource } from '../sources/sources.js';
import { optionsFor } from './bounds.js';
import { sourceFailure, Refusal } from './failure.policy.js';
import { type Read, readSource } from './files/read-source.js';
import { collectGarbage, type Loading } from './table/loading.js';
import type { Pledge } from './large/large-csv.js';
import { type Bounds, tooMuchMemory } from './job/job.js';
import { quotedText } from './job/sql-text.js';

/**
 * From here on the connection reads and writes no file but those of `paths`, reaches no network, loads no extension, and
 * cannot undo this: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
export const lock = async (connection: DuckDBConnection, paths: readonly string[] = []): Promise<void> => {
  await connection.run("SET TimeZone = 'UTC'");
  if (paths.length > 0) await connection.run(`SET allowed_paths = [${paths.map(quotedText).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
};

/** Runs `use` with a connection to a new, empty in-memory database, which is closed when `use` settles. */
export const withDatabase = async <T>(
  bounds: Bounds,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> => {
  const instance = await DuckDBInstance.create(':memory:', optionsFor(bounds));
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

export const unreadable = (name: string, error: Unreadable): Refusal => {
  const reason = error.message;
  const details = { source: name, reason, ...(error.line === undefined ? {} : { line: error.line }) };
  return new Refusal(
    { code: 'source_unreadable', message: `The source ${name} cannot be read: ${reason}`, details },
    error,
  );
};

/** What the sources became. */
export interface Loaded {
  /** Those of pledges may be replaced. */
  readonly reports: ReadReport[];
  /** Of the sources that have one, with their place. */
  readonly pledges: ReadonlyMap<number, Pledge>;
  /** Files that the tables are read from, as long as the database lives. */
  readonly paths: readonly string[];
}

/**
 * Makes a table of each source, deletes the files that were staged for it, and returns the reports on what was read.
 *
 * @throws Refusal `source_unreadable`, naming the source, or `resource_limit`
 */
export const loadSources = async (
  connection: DuckDBConnection,
  sources: readonly StagedSource[],
  loading: Loading,
): Promise<Loaded> => {
  const reports: ReadReport[] = [];
  const paths: string[] = [];
  const pledges = new Map<number, Pledge>();
  for (const source of sources) {
    const { report, path, pledge } = await load(connection, source, loading);
    if (pledge !== undefined) pledges.set(reports.length, pledge);
    reports.push(report);
    if (path !== undefined) paths.push(path);
  }
  collectGarbage();
  try {
    await connection.run(`SET memory_limit = '${loading.bounds.bufferBytes}B'`);
  } catch (error) {
    throw new Refusal({ code: 'resource_limit', message: tooMuchMemory('The data'), details: {} }, error);
  }
  return { reports, paths, pledges };
};

const load = async (connection: DuckDBConnection, source: StagedSource, loading: Loading): Promise<Read> => {
  let kept: string | undefined;
  try {
    const read = await readSource(connection, source, loading);
    kept = read.path;
    return read;
  } catch (error) {
    throw error instanceof Unreadable
      ? unreadable(source.name, error)
      : error instanceof Refusal
        ? error
        : new Refusal(sourceFailure(error, source), error);
  } finally {
    if (source.borrowed !== true && kept !== source.path) await rm(source.path, { force: true });
  }
};
