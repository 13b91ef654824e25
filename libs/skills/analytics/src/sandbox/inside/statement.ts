import { StatementType, type DuckDBConnection, type DuckDBPreparedStatement } from '@duckdb/node-api';

import type { Failure } from '../job.js';
import { Refusal } from './refusal.js';

// SHOW, DESCRIBE, SUMMARIZE, FROM, VALUES and PIVOT are SELECTs to DuckDB. DDL and DML would do no harm in a private,
// locked database, but their rows are of no use to anybody, and a single statement cannot use what they change.
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
