// What the rows of datasets show: nulls, distinct values, ranges, values that refer to another dataset.
import { quotedName, sharedSandboxes, type StagedSource, type Statement } from '@pulser/data-sandbox';

import { type Column, type ForeignKey, isUniqueInData, type Measured, type Table } from './dictionary.js';

/** A dataset with its file. */
export interface DatasetRows {
  readonly table: Table;
  readonly path: string;
}

/** Rows up to which distinct values are counted one by one. */
const maxExactRows = 2_000_000;
const maxPairs = 100;
const maxColumns = 500;
const exampleCount = 3;
const maxExampleLength = 60;

const ordered =
  /^(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|FLOAT|DOUBLE|DECIMAL|DATE|TIME|TIMESTAMP)/;
const countable = /^(?:VARCHAR|BOOLEAN|UUID|ENUM)/;

const isOrdered = ({ type = '' }: Column): boolean => ordered.test(type) && !type.endsWith('[]');
const isCountable = (column: Column): boolean =>
  isOrdered(column) || (countable.test(column.type ?? '') && !(column.type ?? '').endsWith('[]'));

const sourceName = (index: number): string => `t${index}`;

const aggregatesOf = (column: Column, rows: number): string[] => {
  const name = quotedName(column.name);
  const distinct = rows <= maxExactRows ? `count(DISTINCT ${name})` : `approx_count_distinct(${name})`;
  return [
    `count(${name})`,
    isCountable(column) ? distinct : 'NULL',
    isOrdered(column) ? `CAST(min(${name}) AS VARCHAR)` : 'NULL',
    isOrdered(column) ? `CAST(max(${name}) AS VARCHAR)` : 'NULL',
  ];
};

const columnsOf = ({ columns }: Table): readonly Column[] => columns.slice(0, maxColumns);

const countStatement = ({ table }: DatasetRows, index: number): Statement => {
  const aggregates = columnsOf(table).flatMap((column) => aggregatesOf(column, table.rows ?? 0));
  return { sql: `SELECT count(*), ${aggregates.join(', ')} FROM ${sourceName(index)}`, keepRows: 1 };
};

const exampleStatement = ({ table }: DatasetRows, index: number): Statement => {
  const lists = columnsOf(table).map((column) => {
    const name = quotedName(column.name);
    return `(SELECT string_agg(v, chr(31)) FROM (SELECT DISTINCT left(CAST(${name} AS VARCHAR), ${maxExampleLength}) AS v FROM (SELECT ${name} FROM ${sourceName(index)} WHERE ${name} IS NOT NULL LIMIT 1000) ORDER BY v LIMIT ${exampleCount}))`;
  });
  return { sql: `SELECT ${lists.join(', ')}`, keepRows: 1 };
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const measuredColumn = (
  column: Column,
  cells: readonly unknown[],
  rows: number,
  examples: string | undefined,
): Column => {
  const [count, distinct, low, high] = cells;
  const [smallest, largest] = [textOf(low), textOf(high)];
  const measured: Measured = {
    nulls: rows - Number(count),
    distinct: distinct === null || distinct === undefined ? undefined : Number(distinct),
    distinctIsExact: rows <= maxExactRows,
    range: smallest === undefined || largest === undefined ? undefined : [smallest, largest],
  };
  return { ...column, measured, examples: examples === undefined ? column.examples : examples.split('\u001f') };
};

const measuredTable = (table: Table, cells: readonly unknown[], examples: readonly unknown[] | undefined): Table => {
  const rows = Number(cells[0]);
  const columns = table.columns.map((column, at) =>
    at < maxColumns
      ? measuredColumn(column, cells.slice(1 + 4 * at, 5 + 4 * at), rows, textOf(examples?.[at]))
      : column,
  );
  return { ...table, rows, columns };
};

interface Candidate {
  readonly from: number;
  readonly column: Column;
  readonly to: number;
  readonly key: Column;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Whether a name says that the column refers to the key: `customer_id` to `customers.id`, `sku` to `products.sku`. */
const namesFit = (column: string, table: string, key: string): boolean => {
  const [own, owner, wanted] = [plain(column), plain(table), plain(key)];
  const singular = owner.replace(/ies$/, 'y').replace(/s$/, '');
  return (
    own === `${owner}${wanted}` ||
    own === `${singular}${wanted}` ||
    (own === wanted && wanted !== 'id' && wanted.length > 2)
  );
};

const candidatesIn = (tables: readonly Table[]): Candidate[] =>
  tables
    .flatMap((table, from) =>
      table.columns.flatMap((column) =>
        tables.flatMap((other, to) =>
          from === to
            ? []
            : other.columns
                .filter(
                  (key) =>
                    isUniqueInData(key, other.rows) &&
                    key.type === column.type &&
                    namesFit(column.name, other.name, key.name),
                )
                .map((key) => ({ from, column, to, key })),
        ),
      ),
    )
    .slice(0, maxPairs);

const pairStatement = ({ from, column, to, key }: Candidate): Statement => ({
  sql: `SELECT count(a.${quotedName(column.name)}), count(b.${quotedName(key.name)}) FROM ${sourceName(from)} a LEFT JOIN ${sourceName(to)} b ON a.${quotedName(column.name)} = b.${quotedName(key.name)}`,
  keepRows: 1,
});

export interface MeasuredTables {
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
}

const run = async (
  sources: readonly StagedSource[],
  statements: readonly Statement[],
  signal: AbortSignal,
): Promise<(readonly unknown[])[]> => {
  if (statements.length === 0) return [];
  const { results } = await sharedSandboxes.work({ sources, statements, trusted: true }, signal);
  return results.map(({ rows }) => rows[0] ?? []);
};

/**
 * Reads the rows of datasets in a sandbox.
 * @param withExamples whether up to three values of each column are kept
 */
export const measure = async (
  datasets: readonly DatasetRows[],
  withExamples: boolean,
  signal: AbortSignal,
): Promise<MeasuredTables> => {
  const sources = datasets.map(({ path }, index): StagedSource => ({ name: sourceName(index), path, borrowed: true }));
  const counts = await run(sources, datasets.map(countStatement), signal);
  const examples = withExamples ? await run(sources, datasets.map(exampleStatement), signal) : [];
  const tables = datasets.map(({ table }, at) => measuredTable(table, counts[at] ?? [], examples[at]));
  const candidates = candidatesIn(tables);
  const found = await run(sources, candidates.map(pairStatement), signal);
  const notes: string[] = [];
  const keys = new Map<number, ForeignKey[]>();
  candidates.forEach(({ from, column, to, key }, at) => {
    const [values, there] = (found[at] ?? []).map(Number);
    const target = tables[to];
    if (values === undefined || there === undefined || target === undefined || values === 0) return;
    const observed = { columns: [column.name], table: target.name, referenced: [key.name], observed: values };
    if (values === there) keys.set(from, [...(keys.get(from) ?? []), observed]);
    else
      notes.push(
        `${values - there} of ${values} values of ${tables[from]?.name ?? ''}.${column.name} are not in ${target.name}.${key.name}`,
      );
  });
  const wide = tables
    .filter(({ columns }) => columns.length > maxColumns)
    .map(({ name }) => `Of ${name} only the first ${maxColumns} columns are measured`);
  return {
    tables: tables.map((table, at) => ({ ...table, foreignKeys: [...table.foreignKeys, ...(keys.get(at) ?? [])] })),
    notes: [...notes, ...wide],
  };
};
