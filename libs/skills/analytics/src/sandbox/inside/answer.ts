import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';

import { chartProblem, type Column } from '../../chart/table.policy.js';
import { lock, withDatabase, loadSources } from './database.js';
import { queryFailure, Refusal } from './failure.policy.js';
import type { Answer, Job, Rows, Failure } from './job.js';
import { readRows } from './rows.js';

// One job inside the sandbox: prepare the statement, check the chart, read the rows.

const columnsOf = (statement: DuckDBPreparedStatement): Column[] =>
  Array.from({ length: statement.columnCount }, (_, index) => {
    const type = statement.columnType(index);
    return { name: statement.columnName(index), type: type.alias ?? String(type) };
  });

const run = async (connection: DuckDBConnection, job: Job): Promise<Omit<Rows, 'sources'>> => {
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
    const sources = await loadSources(connection, job.sources);
    await lock(connection);
    try {
      return { ...(await run(connection, job)), sources };
    } catch (error) {
      throw error instanceof Refusal ? error : new Refusal(queryFailure(error, job.sql), error);
    }
  });

/** Runs a job in a database of its own. Never rejects. */
export const answer = async (job: Job): Promise<Answer> => {
  const rssBytes = (): number => process.memoryUsage.rss();
  try {
    return { kind: 'rows', rows: await perform(job), rssBytes: rssBytes() };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', failure: error.failure, rssBytes: rssBytes() };
    return { kind: 'broken', message: String(error), rssBytes: rssBytes() };
  }
};

// SHOW, DESCRIBE, SUMMARIZE, FROM, VALUES and PIVOT are SELECTs to DuckDB. DDL and DML would do no harm in a private,
// locked database, but their rows are useless, and a single statement cannot use what they change.
const returnRows = new Set<StatementType>([StatementType.SELECT, StatementType.EXPLAIN]);

const refused = (message: string): Refusal =>
  new Refusal({ code: 'query_failed', message, details: {} } satisfies Failure);

// A PIVOT without IN list becomes two statements inside DuckDB. A semicolon between statements cannot stand in
// parentheses, so what still parses there was one statement.
const isOneStatement = async (connection: DuckDBConnection, sql: string): Promise<boolean> => {
  try {
    await connection.extractStatements(`FROM (\n${sql.replace(/;\s*$/, '')}\n)`);
    return true;
  } catch {
    return false;
  }
};

/** Prepares the one statement of the SQL. @throws Refusal when there are several or it returns no rows */
export const prepareOnly = async (connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> => {
  const statements = await connection.extractStatements(sql);
  const last = statements.count - 1;
  if (last > 0 && !(await isOneStatement(connection, sql))) {
    throw refused(`Write one statement: these are ${statements.count}`);
  }
  for (let index = 0; index < last; index += 1) await (await statements.prepare(index)).run();
  const prepared = await statements.prepare(last);
  if (returnRows.has(prepared.statementType)) return prepared;
  throw refused(
    `Write a statement that returns rows, such as SELECT: this one is ${StatementType[prepared.statementType]}`,
  );
};
