import { rm } from 'node:fs/promises';

import type { DuckDBConnection } from '@duckdb/node-api';

import type { CsvDialect } from '../../query/csv-dialect.policy.js';
import type { StagedSource } from '../job.js';
import { sourceFailure } from './failure.policy.js';
import { Refusal } from './refusal.js';

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
