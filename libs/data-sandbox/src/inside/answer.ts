import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import { chartProblem, type Column } from '@pulser/charts/table';
import { Unreadable } from '@pulser/tabular';

import type { StagedSource } from '../sources/sources.js';
import { queryBounds } from './bounds.js';
import { type Loaded, lock, withDatabase, loadSources, unreadable } from './database.js';
import { queryFailure, Refusal } from './failure.policy.js';
import { RefusedRows } from './table/refused-rows.js';
import type { Answer, Job, Rows, Failure, Statement, StatementRows, Target, Work, WorkDone } from './job/job.js';
import { checkRows } from './large/large-csv.js';
import { brokenPromise } from './large/typed-columns.js';
import { peakMemory } from './peak-memory.js';
import { readRows } from './rows.js';
import { writeRows } from './write.js';

// One job inside the sandbox: load the sources, then prepare each statement, check its chart, read or write its rows.

const columnsOf = (statement: DuckDBPreparedStatement): Column[] =>
  Array.from({ length: statement.columnCount }, (_, index) => {
    const type = statement.columnType(index);
    return { name: statement.columnName(index), type: type.alias ?? String(type) };
  });

const since = (start: number): number => Math.round(performance.now() - start);

const select = async (connection: DuckDBConnection, { sql, chart, keepRows }: Statement): Promise<StatementRows> => {
  const start = performance.now();
  const statement = await prepareOnly(connection, sql);
  const columns = columnsOf(statement);
  const problem = chart === undefined ? undefined : chartProblem(chart, columns);
  if (problem !== undefined) throw new Refusal(problem);
  const rows = await readRows(await statement.stream(), keepRows);
  return { columns, ...rows, elapsedMs: since(start) };
};

const write = async (
  connection: DuckDBConnection,
  { sql, keepRows }: Statement,
  target: Target,
): Promise<StatementRows> => {
  const start = performance.now();
  const statement = await prepareOnly(connection, sql);
  if (statement.statementType !== StatementType.SELECT) throw refused('Only the rows of a SELECT can be kept');
  const written = await writeRows(connection, { sql: withoutEnd(sql), columns: columnsOf(statement), target });
  const back = target.format === 'parquet' ? await select(connection, { sql: written.read, keepRows }) : undefined;
  return { columns: written.columns, rows: back?.rows ?? [], rowCount: written.rows, elapsedMs: since(start) };
};

const perform = async (connection: DuckDBConnection, statement: Statement): Promise<StatementRows> => {
  try {
    return statement.into === undefined
      ? await select(connection, statement)
      : await write(connection, statement, statement.into);
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(queryFailure(error, statement.sql), error);
  }
};

/** As {@link perform}; where the types of a large file were promised, reading all of it has to keep the promise. */
const proved = async (
  connection: DuckDBConnection,
  statement: Statement,
  { reports, pledges }: Loaded,
  sources: readonly StagedSource[],
): Promise<StatementRows> => {
  const [pledged] = pledges;
  if (pledged === undefined) return perform(connection, statement);
  const [index, { rows, measured }] = pledged;
  const { name = '' } = sources[index] ?? {};
  try {
    const result = await perform(connection, statement);
    if (statement.sql === `FROM ${name}`) checkRows(result.rowCount ?? rows, rows);
    return result;
  } catch (error) {
    if (error instanceof Unreadable) throw unreadable(name, error);
    if (!(error instanceof Refusal && error.failure.message.includes(brokenPromise))) throw error;
    reports[index] = await measured().catch((thrown: unknown) => {
      throw thrown instanceof Unreadable ? unreadable(name, thrown) : thrown;
    });
    return perform(connection, statement);
  }
};

const work = async ({
  sources,
  statements,
  trusted = false,
  bounds = queryBounds,
  refusedInto,
}: Work): Promise<WorkDone> => {
  const refused = refusedInto === undefined ? undefined : new RefusedRows(refusedInto);
  return withDatabase(bounds, async (connection) => {
    const loaded = await loadSources(connection, sources, { bounds, trusted, refused });
    const { reports, paths } = loaded;
    await refused?.close();
    const targets = statements.flatMap(({ into }) => into?.path ?? []);
    await lock(connection, [...paths, ...targets]);
    const results: StatementRows[] = [];
    for (const statement of statements) results.push(await proved(connection, statement, loaded, sources));
    return { results, sources: reports, peakBytes: peakMemory() };
  });
};

const single = async ({ sql, keepRows, chart, ...job }: Job): Promise<Rows> => {
  const { results, sources } = await work({ ...job, statements: [{ sql, keepRows, chart }] });
  const [rows] = results;
  if (rows === undefined) throw new TypeError('A statement without a result');
  return { ...rows, sources };
};

type Outcome = { readonly kind: 'rows'; readonly rows: Rows } | { readonly kind: 'done'; readonly done: WorkDone };

const outcomeOf = async (job: Job | Work): Promise<Outcome> =>
  'statements' in job ? { kind: 'done', done: await work(job) } : { kind: 'rows', rows: await single(job) };

/** Runs a job in a database of its own. Never rejects. */
export const answer = async (job: Job | Work): Promise<Answer> => {
  const rssBytes = (): number => process.memoryUsage.rss();
  try {
    return { ...(await outcomeOf(job)), rssBytes: rssBytes() };
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

// What a statement is made of where a semicolon would not end it, as DuckDB's scanner sees it, and the semicolons.
const quoted = /e'(?:[^'\\]|\\.|'')*'|'[^']*'|"[^"]*"|\$([A-Za-z_]\w*|)\$.*?\$\1\$/;
const blank = /--[^\r\n]*|\/\*.*?\*\/|\s+/;
const tokens = new RegExp(`(?:${quoted.source})|(?<blank>${blank.source})|(?<end>;)|.`, 'gisu');

/** The SQL up to the semicolons at its end, whatever comments stand between and behind them. */
const withoutEnd = (sql: string): string => {
  let end: number | undefined;
  for (const { index, groups } of sql.matchAll(tokens)) {
    if (groups?.['end'] !== undefined) end ??= index;
    else if (groups?.['blank'] === undefined) end = undefined;
  }
  return sql.slice(0, end);
};

const hasParameters =
  'The SQL has parameters, such as ? or $1, and a task has no values for them: write the values into the SQL';

/** What DuckDB calls otherwise, or where its answer would mislead. */
const ownWords: Partial<Record<StatementType, string>> = {
  [StatementType.LOAD]:
    'INSTALL and LOAD cannot be used: a query has the functions that are built in, and no extensions',
  [StatementType.ATTACH]: 'ATTACH cannot be used: a query reads the sources of its task and nothing else',
  [StatementType.SET]: 'SET and RESET cannot be used: the settings of a query are fixed',
  [StatementType.VARIABLE_SET]: 'SET and RESET cannot be used: the settings of a query are fixed',
};

// A PIVOT without IN list becomes two statements inside DuckDB. A semicolon between statements cannot stand in
// parentheses, so what still parses there was one statement.
const isOneStatement = async (connection: DuckDBConnection, sql: string): Promise<boolean> => {
  try {
    await connection.extractStatements(`FROM (\n${withoutEnd(sql)}\n)`);
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
  if (prepared.parameterCount > 0) throw refused(hasParameters);
  if (returnRows.has(prepared.statementType)) return prepared;
  throw refused(
    ownWords[prepared.statementType] ??
      `Write a statement that returns rows, such as SELECT: this one is ${StatementType[prepared.statementType].replaceAll('_', ' ')}`,
  );
};
