import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';

import { chartProblem, type Column } from '../../chart/columns.policy.js';
import type { Answer, Job, Rows } from '../job.js';
import { lock, withDatabase } from './database.js';
import { queryFailure } from './failure.policy.js';
import { Refusal } from './refusal.js';
import { readRows } from './rows.js';
import { loadSources } from './sources.js';
import { prepareOnly } from './statement.js';

const columnsOf = (statement: DuckDBPreparedStatement): Column[] =>
  Array.from({ length: statement.columnCount }, (_, index) => {
    const type = statement.columnType(index);
    return { name: statement.columnName(index), type: type.alias ?? String(type) };
  });

const run = async (connection: DuckDBConnection, job: Job): Promise<Rows> => {
  const start = performance.now();
  const statement = await prepareOnly(connection, job.sql);
  const columns = columnsOf(statement);
  const problem = job.chart === undefined ? undefined : chartProblem(job.chart, columns);
  if (problem !== undefined) throw new Refusal(problem);
  const rows = await readRows(await statement.stream(), job.keepRows);
  return { columns, ...rows, elapsedMs: Math.round(performance.now() - start) };
};

const perform = (job: Job): Promise<Rows> =>
  withDatabase(async (connection) => {
    await loadSources(connection, job.sources);
    await lock(connection);
    try {
      return await run(connection, job);
    } catch (error) {
      throw error instanceof Refusal ? error : new Refusal(queryFailure(error, job.sql), error);
    }
  });

/** Does a job in a database of its own. Never rejects. */
export const answer = async (job: Job): Promise<Answer> => {
  const rssBytes = (): number => process.memoryUsage.rss();
  try {
    return { kind: 'rows', rows: await perform(job), rssBytes: rssBytes() };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', failure: error.failure, rssBytes: rssBytes() };
    return { kind: 'broken', message: String(error), rssBytes: rssBytes() };
  }
};
