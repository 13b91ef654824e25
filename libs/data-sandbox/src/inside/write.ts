// The rows of a statement as a file.
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '@pulser/charts/table';

import { Refusal } from './failure.policy.js';
import { parquetColumns, parquetRows } from './files/parquet.js';
import type { Target } from './job/job.js';
import { asJson, quotedName, quotedText } from './job/sql-text.js';

interface Writing {
  /** A SELECT without a semicolon at its end. */
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly target: Target;
}

interface Written {
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Reads the file. */
  readonly read: string;
}

const refuse = (message: string, column: string): Refusal =>
  new Refusal({ code: 'query_failed', message, details: { column } });

// Parquet has no integers of 128 bits: DuckDB would write doubles. 38 digits are all that its decimals have.
const asDecimal = (name: string): string => `${quotedName(name)}::DECIMAL(38, 0) AS ${quotedName(name)}`;
const asText = (name: string): string => `${quotedName(name)}::VARCHAR AS ${quotedName(name)}`;

const whole = /^U?HUGEINT$/;
const written = /^(?:BIGNUM|ENUM\(.*|BIT|TIME WITH TIME ZONE|TIME_NS)$/s;
const unkept = /\b(?:U?HUGEINT|BIGNUM|UNION|VARIANT|TIME WITH TIME ZONE|GEOMETRY)\b/;

/** How a column goes into a Parquet file without loss. @throws Refusal when it cannot */
const kept = ({ name, type }: Column): string => {
  if (whole.test(type)) return asDecimal(name);
  if (written.test(type)) return asText(name);
  // Names of fields and values of enums may look like types.
  if (unkept.test(type.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, ''))) {
    throw refuse(`The column ${name} of type ${type} cannot be kept without loss: cast it, such as to VARCHAR`, name);
  }
  return quotedName(name);
};

const checkNames = (columns: readonly Column[]): void => {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw refuse(`Two columns are named ${name}: give them different names with AS`, name);
    seen.add(folded);
  }
};

/** A column as a file of each format has it. */
const listed = {
  parquet: kept,
  csv: ({ name }: Column): string => quotedName(name),
  ndjson: ({ name, type }: Column): string => `${asJson(quotedName(name), type)} AS ${quotedName(name)}`,
} as const;

const options = {
  // The file itself is the only one that may be written.
  parquet: 'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, USE_TMP_FILE false',
  csv: 'FORMAT csv, HEADER true, USE_TMP_FILE false',
  ndjson: 'FORMAT json, USE_TMP_FILE false',
} as const;

/**
 * Writes the rows of a SELECT into a new file.
 *
 * @throws Refusal for columns that a file cannot hold; what DuckDB throws
 */
export const writeRows = async (
  connection: DuckDBConnection,
  { sql, columns, target: { path, format } }: Writing,
): Promise<Written> => {
  checkNames(columns);
  const list = columns.map(listed[format]).join(', ');
  const copy = `COPY (SELECT ${list} FROM (\n${sql}\n) AS kept) TO ${quotedText(path)} (${options[format]})`;
  const result = await connection.runAndReadAll(copy);
  if (format !== 'parquet') return { rows: Number(result.getRows().at(-1)?.[0] ?? 0), columns, read: '' };
  const rows = await parquetRows(connection, path);
  return { rows, columns: await parquetColumns(connection, path), read: `FROM read_parquet(${quotedText(path)})` };
};
