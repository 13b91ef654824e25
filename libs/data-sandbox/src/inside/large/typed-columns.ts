// The types of the columns of a large CSV file: proved by SQL for the usual ways to write values, else by looking at each.
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type Cell,
  type CsvPlan,
  type Decision,
  type PlannedColumn,
  scaledUnits,
  shortened,
  type Warning,
} from '@pulser/tabular';

import { createTable } from '../table/fill-table.js';
import { quotedName, quotedText } from '../job/sql-text.js';
import {
  type ColumnTest,
  isSettled,
  mayBeVersions,
  standIns,
  strictOf,
  testOf,
  widened,
} from './column-tests.policy.js';

/** A column with its type, and the expression that makes its values. */
export interface LargeColumn {
  readonly name: string;
  readonly type: string;
  readonly decidedBy: 'option' | 'values' | 'kept_as_text';
  readonly value: string;
  /** What its value is made of, under the name {@link triedName}. */
  readonly tried?: string;
  /** Joins the values that were converted one by one. */
  readonly join: string;
  readonly warnings: readonly Warning[];
  readonly guesses: readonly string[];
}

/** More different values than this are not looked at one by one. */
const maxOdd = 200_000;

interface Measured {
  readonly column: PlannedColumn;
  readonly index: number;
  readonly test: ColumnTest | undefined;
  readonly seen: number;
  readonly oddRows: number;
}

/** The cells are named c0, c1, ...: names of users are given to the typed columns. */
export const cellName = (index: number): string => `c${index}`;

/** Values made once, before they are tested and taken. */
const triedName = (index: number): string => `t${index}`;

const isFilled = (text: string): string => `(${text} IS NOT NULL AND trim(${text}) <> '')`;

const oddCondition = (test: ColumnTest | undefined, text: string): string =>
  test === undefined ? isFilled(text) : `${test.regular(text)} IS NULL AND ${isFilled(text)}`;

/** One pass over the file: what each column holds, and how many rows there are. */
const measure = async (
  connection: DuckDBConnection,
  csv: string,
  plan: CsvPlan,
): Promise<{ rows: number; columns: readonly Measured[] }> => {
  const columns = plan.columns.map((column, index) => ({
    column,
    index,
    test: isSettled(column) ? undefined : testOf(column, plan.dialect.decimal),
  }));
  const tested = columns.filter(({ test }) => test !== undefined);
  const parts = tested.flatMap(({ test, index }) => {
    const text = cellName(index);
    const flag = `f${index}`;
    return [{ flag, sql: `${test?.regular(text) ?? 'NULL'} AS ${flag}`, text }];
  });
  const flags = parts.map(({ sql }) => sql);
  const totals = parts.flatMap(({ flag, text }) => [
    `bit_or(${flag})`,
    `count(*) FILTER (WHERE ${flag} IS NULL AND ${isFilled(text)})`,
  ]);
  const cells = tested.map(({ index }) => cellName(index));
  const inner = `SELECT ${['1 AS one', ...cells, ...flags].join(', ')} FROM ${csv}`;
  const result = await connection.runAndReadAll(`SELECT ${['count(*)', ...totals].join(', ')} FROM (${inner})`);
  const [rows = 0, ...found] = (result.getRows()[0] ?? []).map(Number);
  return {
    rows,
    columns: columns.map((one) => {
      const at = tested.indexOf(one) * 2;
      return { ...one, seen: at < 0 ? 0 : (found[at] ?? 0), oddRows: at < 0 ? 0 : (found[at + 1] ?? 0) };
    }),
  };
};

const textsOf = async (connection: DuckDBConnection, sql: string): Promise<string[]> =>
  (await connection.runAndReadAll(sql)).getRows().map(([text]) => text as string);

/** A table of texts and what they are as values. */
const mapping = async (
  connection: DuckDBConnection,
  index: number,
  texts: readonly string[],
  { type, convert }: Pick<Decision, 'type' | 'convert'>,
): Promise<{ join: string; value: string }> => {
  const table = `m${index}`;
  const values: Cell[] = texts.map((text) => convert(text));
  await createTable(connection, table, {
    columns: [
      { name: 'text', type: 'VARCHAR', decidedBy: 'values', values: texts },
      { name: 'value', type, decidedBy: 'values', values },
    ],
    rows: texts.length,
  });
  return { join: ` LEFT JOIN ${table} ON ${table}."text" = ${cellName(index)}`, value: `${table}."value"` };
};

const asText = (
  { column, index }: Pick<Measured, 'column' | 'index'>,
  decidedBy: LargeColumn['decidedBy'],
  warning?: Warning,
): LargeColumn => ({
  name: column.name,
  type: 'VARCHAR',
  decidedBy,
  value: cellName(index),
  join: '',
  warnings: warning === undefined ? [] : [{ ...warning, column: column.name }],
  guesses: [],
});

const guessesOf = ({ column }: Pick<Measured, 'column'>, { guess }: Decision): readonly string[] =>
  guess === undefined ? [] : [`${shortened(column.name, 100)}: ${guess}`];

/** Blank cells are NULL in a typed column. */
const castOf = ({ index, test }: Measured, type: string): string => {
  const text = cellName(index);
  const cast = test?.cast(text, type) ?? 'NULL';
  return `CASE WHEN ${isFilled(text)} THEN ${cast} END`;
};

/** All values were regular. */
const proved = (measured: Measured, decision: Decision): LargeColumn => ({
  name: measured.column.name,
  type: decision.type,
  decidedBy: decision.decidedBy,
  value: castOf(measured, decision.type),
  join: '',
  warnings: [],
  guesses: guessesOf(measured, decision),
});

const digitsOf = async (
  connection: DuckDBConnection,
  csv: string,
  index: number,
): Promise<readonly [number, number]> => {
  const text = cellName(index);
  const plain = `regexp_full_match(${text}, '-?[0-9]*(\\.[0-9]+)?')`;
  const result = await connection.runAndReadAll(
    `SELECT max(length(split_part(ltrim(${text}, '-'), '.', 1))), max(length(split_part(${text}, '.', 2))) FROM ${csv} WHERE ${plain}`,
  );
  const [whole, scale] = (result.getRows()[0] ?? []).map(Number);
  return [whole ?? 0, scale ?? 0];
};

const meet = async (connection: DuckDBConnection, csv: string, index: number): Promise<boolean> => {
  const text = `regexp_replace(${cellName(index)}, '^(\\d+)\\.0$', '\\1')`;
  const sql = `SELECT count(DISTINCT t) > count(DISTINCT TRY_CAST(t AS DOUBLE)) FROM (SELECT ${text} AS t FROM ${csv})`;
  return (await connection.runAndReadAll(sql)).getRows()[0]?.[0] === true;
};

/** Decides on one column. Odd values are looked at, unless there are too many different ones. */
class Decider {
  private readonly connection: DuckDBConnection;
  private readonly csv: string;
  private readonly plan: CsvPlan;

  constructor(connection: DuckDBConnection, csv: string, plan: CsvPlan) {
    this.connection = connection;
    this.csv = csv;
    this.plan = plan;
  }

  async decide(measured: Measured): Promise<LargeColumn> {
    const { column, test, oddRows, seen } = measured;
    if (isSettled(column)) return asText(measured, column.decision.decidedBy, column.decision.warning);
    if (test === undefined || oddRows > 0) return this.byOddValues(measured);
    if (/^(?:BIGINT|HUGEINT|DOUBLE|DECIMAL)/.test(column.decision.type)) {
      return this.numeric(measured, this.plan.decide([...standIns(seen)]), []);
    }
    return proved(measured, column.decision);
  }

  private async byOddValues(measured: Measured): Promise<LargeColumn> {
    const { index, test, seen, column, oddRows } = measured;
    const text = cellName(index);
    const where = oddCondition(test, text);
    const texts = await textsOf(
      this.connection,
      `SELECT DISTINCT ${text} FROM ${this.csv} WHERE ${where} LIMIT ${maxOdd + 1}`,
    );
    if (texts.length > maxOdd) {
      const message = `More than ${maxOdd} different values are written in unusual ways: kept as text`;
      return asText(measured, 'kept_as_text', { code: 'kept_as_text', message });
    }
    const regular =
      test === undefined ? [] : column.texts.filter((one) => one !== null && !texts.includes(one)).slice(0, 100);
    const decision = this.plan.decide([...texts, ...regular, ...standIns(isNumberTest(column) ? seen : 0)]);
    if (decision.type === 'VARCHAR')
      return asText(measured, decision.decidedBy, mixedWarning(decision, texts, oddRows, column));
    if (isNumberTest(column)) return this.numeric(measured, decision, texts);
    return this.mapped(measured, decision, texts);
  }

  private async mapped(measured: Measured, decision: Decision, texts: readonly string[]): Promise<LargeColumn> {
    const { join, value } = await mapping(this.connection, measured.index, texts, decision);
    const { test, index, column } = measured;
    const regular =
      test === undefined
        ? 'NULL'
        : `CASE WHEN ${test.regular(cellName(index))} IS NOT NULL THEN ${test.cast(cellName(index), decision.type)} END`;
    return {
      name: column.name,
      type: decision.type,
      decidedBy: decision.decidedBy,
      value: `coalesce(${value}, ${regular})`,
      join,
      warnings: [],
      guesses: guessesOf(measured, decision),
    };
  }

  private async numeric(measured: Measured, decision: Decision, texts: readonly string[]): Promise<LargeColumn> {
    const { seen, index } = measured;
    const versions = decision.type === 'VARCHAR' ? 'no' : mayBeVersions(seen);
    if (versions === 'yes' || (versions === 'if they meet' && (await meet(this.connection, this.csv, index)))) {
      const message = 'Values like 1.9 and 1.10 would meet as numbers';
      return asText(measured, 'kept_as_text', { code: 'kept_as_text', message });
    }
    const isDecimal = decision.type.startsWith('DECIMAL');
    const type = isDecimal ? widened(decision, ...(await digitsOf(this.connection, this.csv, index))) : decision.type;
    if (type === undefined || type === 'VARCHAR') {
      return asText(measured, 'kept_as_text', {
        code: 'kept_as_text',
        message: 'No numeric type holds all the digits',
      });
    }
    const whole = { ...decision, type };
    if (texts.length === 0) return proved(measured, whole);
    const again = isDecimal ? { ...whole, convert: decimalIn(type) } : whole;
    return this.mapped(measured, again, texts);
  }
}

const decimalIn = (type: string): Decision['convert'] => {
  const [precision = 38, scale = 0] = (type.match(/\d+/g) ?? []).map(Number);
  return (text) => scaledUnits(text.trim(), precision, scale) ?? null;
};

const isNumberTest = ({ decision: { type } }: PlannedColumn): boolean =>
  /^(?:BIGINT|HUGEINT|DOUBLE|DECIMAL)/.test(type);

/** A message of `decideType` counts the values that it saw, which are not all of them here. */
const mixedWarning = (
  { warning }: Decision,
  texts: readonly string[],
  oddRows: number,
  { decision }: PlannedColumn,
): Warning | undefined => {
  if (warning?.code !== 'mixed_types' || oddRows === 0) return warning;
  const [example = ''] = texts;
  const message = `${oddRows} values are no ${decision.type}, such as '${shortened(example, 40)}': kept as text`;
  return { code: 'mixed_types', message };
};

/** What the columns of the file are. Reads it once, and again for columns with unusual values. */
export const typedColumns = async (
  connection: DuckDBConnection,
  csv: string,
  plan: CsvPlan,
): Promise<{ rows: number; columns: readonly LargeColumn[] }> => {
  const { rows, columns } = await measure(connection, csv, plan);
  const decider = new Decider(connection, csv, plan);
  const decided: LargeColumn[] = [];
  for (const one of columns) decided.push(await decider.decide(one));
  return { rows, columns: decided };
};

/** What DuckDB throws when a value is not what the beginning of its column promises. */
export const brokenPromise = 'pulser: a value unlike those before';

/** The column as its beginning promises it: reading another value fails. */
const promised = (column: PlannedColumn, index: number, decimal: string): LargeColumn | undefined => {
  const { decision, name } = column;
  const text = cellName(index);
  if (isSettled(column)) return asText({ column, index }, decision.decidedBy, decision.warning);
  const value = triedName(index);
  const conditions = decision.type === 'VARCHAR' ? undefined : strictOf(column, decimal, text, value);
  if (conditions === undefined) return undefined;
  const arms = conditions.map((condition) => `WHEN ${condition} THEN ${value}`).join(' ');
  return {
    name,
    type: decision.type,
    decidedBy: decision.decidedBy,
    tried: `TRY_CAST(${text} AS ${decision.type})`,
    value: `CASE ${arms} WHEN ${isFilled(text)} THEN error(${quotedText(brokenPromise)}) END`,
    join: '',
    warnings: [],
    guesses: guessesOf({ column }, decision),
  };
};

/** All columns as their beginning promises them; undefined when one needs a look at all of its values first. */
export const promisedColumns = ({ columns, dialect }: CsvPlan): readonly LargeColumn[] | undefined => {
  const found = columns.map((column, index) => promised(column, index, dialect.decimal));
  const sure = found.filter((column) => column !== undefined);
  return sure.length === found.length ? sure : undefined;
};

/** The typed rows of the file. */
export const typedRows = (csv: string, columns: readonly LargeColumn[]): string => {
  const tried = columns.flatMap(({ tried: made }, index) =>
    made === undefined ? [] : [`${made} AS ${triedName(index)}`],
  );
  const from = tried.length === 0 ? csv : `(SELECT *, ${tried.join(', ')} FROM ${csv})`;
  const values = columns.map(({ value, name }) => `${value} AS ${quotedName(name)}`);
  return `SELECT ${values.join(', ')} FROM ${from}${columns.map(({ join }) => join).join('')}`;
};
