// A result as rows and columns, when it is one: a list of objects, or columns with rows, as the agents write them.

export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Columns beyond these are left to the JSON. */
const maxColumns = 60;

const ofObjects = (list: readonly unknown[]): ResultTable | undefined => {
  if (list.length === 0 || !list.every(isObject)) return undefined;
  const columns = [...new Set(list.slice(0, 200).flatMap((row) => Object.keys(row)))];
  if (columns.length === 0 || columns.length > maxColumns) return undefined;
  return { columns, rows: list.map((row) => columns.map((column) => row[column])) };
};

const nameOf = (column: unknown): string | undefined => {
  if (typeof column === 'string') return column;
  return isObject(column) && typeof column['name'] === 'string' ? column['name'] : undefined;
};

const ofColumns = ({ columns, rows }: Readonly<Record<string, unknown>>): ResultTable | undefined => {
  if (!Array.isArray(columns) || !Array.isArray(rows) || columns.length > maxColumns) return undefined;
  const names = columns.map(nameOf).filter((name) => name !== undefined);
  if (names.length !== columns.length || !rows.every((row) => Array.isArray(row))) return undefined;
  return { columns: names, rows };
};

/** The table that a result is or holds; undefined when it is none. */
export const tableOf = (result: unknown): ResultTable | undefined => {
  if (Array.isArray(result)) return ofObjects(result);
  if (!isObject(result)) return undefined;
  const whole = ofColumns(result);
  if (whole !== undefined) return whole;
  const lists = Object.values(result).filter((value) => Array.isArray(value));
  for (const list of lists) {
    const table = ofObjects(list);
    if (table !== undefined) return table;
  }
  return undefined;
};

/** A value of a cell as text. */
export const cellText = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const timeOf = (value: unknown): number | undefined => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms / 1_000;
};

/** Points and series that a chart can show without becoming a smear. */
const maxPoints = 5_000;
const maxSeries = 8;

export interface ResultSeries {
  readonly at: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** The table as lines over time: its first column of times, ascending and each once, and its columns of numbers; undefined when it is none. */
export const seriesOf = ({ columns, rows }: ResultTable): ResultSeries | undefined => {
  if (rows.length < 2 || rows.length > maxPoints) return undefined;
  const timeColumn = columns.findIndex((_, index) => rows.every((row) => timeOf(row[index]) !== undefined));
  if (timeColumn < 0) return undefined;
  const sorted = rows.map((row) => ({ at: timeOf(row[timeColumn]) ?? 0, row })).sort((a, b) => a.at - b.at);
  if (new Set(sorted.map(({ at }) => at)).size !== sorted.length) return undefined;
  const isNumber = (value: unknown): boolean => typeof value === 'number' || value === null;
  const numeric = columns
    .map((name, index) => ({ name, index }))
    .filter(({ index }) => index !== timeColumn && rows.every((row) => isNumber(row[index])))
    .filter(({ index }) => rows.some((row) => typeof row[index] === 'number'))
    .slice(0, maxSeries);
  if (numeric.length === 0) return undefined;
  return {
    at: sorted.map(({ at }) => at),
    series: numeric.map(({ name, index }) => ({ name, values: sorted.map(({ row }) => row[index] as number | null) })),
  };
};
