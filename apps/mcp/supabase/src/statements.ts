// Statements with names of tables and columns in them, which cannot be parameters: every name is quoted here.
import { z } from 'zod';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const Name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[^\0"]+$/, 'a name without quotes');
export const Schema = Name.default('public');
export const Row = z.record(Name, z.unknown());

export interface Table {
  readonly schema: string;
  readonly table: string;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

const nameOf = ({ schema, table }: Table): string => `${quoted(schema)}.${quoted(table)}`;

/** As PostgREST has them, joined by and. */
export const Filter = z.object({
  column: Name,
  op: z.enum(['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'in', 'is']),
  value: z.unknown().describe('For `in` a list, for `is` null, true or false'),
});
export type Filter = z.output<typeof Filter>;

const comparisons = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
  ilike: 'ilike',
} as const;

const isTests: Readonly<Record<string, string>> = { null: 'is null', true: 'is true', false: 'is false' };

const condition = ({ column, op, value }: Filter, values: unknown[]): string => {
  const left = `target.${quoted(column)}`;
  if (op === 'is') return `${left} ${isTests[String(value)] ?? 'is null'}`;
  const place = `$${values.push(value)}`;
  return op === 'in' ? `${left} = any (${place})` : `${left} ${comparisons[op]} ${place}`;
};

const where = (filters: readonly Filter[], values: unknown[]): string =>
  filters.map((filter) => condition(filter, values)).join(' and ');

/** The rows as JSON, which PostgreSQL turns into the types of the columns. @param rows all with the same columns */
export const insertion = (table: Table, rows: readonly Readonly<Record<string, unknown>>[]): Statement => {
  const columns = Object.keys(rows[0] ?? {})
    .map(quoted)
    .join(', ');
  const name = nameOf(table);
  return {
    text: `insert into ${name} (${columns}) select ${columns} from json_populate_recordset(null::${name}, $1) returning *`,
    values: [JSON.stringify(rows)],
  };
};

export const updating = (
  table: Table,
  set: Readonly<Record<string, unknown>>,
  filters: readonly Filter[],
): Statement => {
  const values: unknown[] = [JSON.stringify(set)];
  const assignments = Object.keys(set).map((column) => `${quoted(column)} = given.${quoted(column)}`);
  const name = nameOf(table);
  return {
    text: `update ${name} target set ${assignments.join(', ')} from json_populate_record(null::${name}, $1) given where ${where(filters, values)}`,
    values,
  };
};

export const deletion = (table: Table, filters: readonly Filter[]): Statement => {
  const values: unknown[] = [];
  return { text: `delete from ${nameOf(table)} target where ${where(filters, values)}`, values };
};

/** A function with arguments by name; at most so many rows. */
export const functionCall = (
  { schema, name }: { readonly schema: string; readonly name: string },
  args: Readonly<Record<string, unknown>>,
  limit: number,
): Statement => {
  const values = Object.values(args).map((value) =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
  );
  const named = Object.keys(args).map((argument, index) => `${quoted(argument)} => $${index + 1}`);
  return { text: `select * from ${quoted(schema)}.${quoted(name)}(${named.join(', ')}) limit ${limit}`, values };
};

/** Takes a query alone: whatever changes something, or has a second statement, is refused by PostgreSQL itself. */
export const cursorOver = (sql: string): string => `declare pulser_rows no scroll cursor for ${sql}`;
