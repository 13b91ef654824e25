// From the columns of a read table to a table of DuckDB, value by value and without any cast.
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  FLOAT,
  HUGEINT,
  INTEGER,
  SMALLINT,
  TIME,
  TIMESTAMP,
  TIMESTAMP_NS,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UHUGEINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Cell, Table, TypedColumn } from '@pulser/tabular';

import { quotedName } from '../job/sql-text.js';

interface Carrier {
  readonly type: DuckDBType;
  readonly value: (cell: Exclude<Cell, null>) => DuckDBValue;
}

const asIs = (cell: Exclude<Cell, null>): DuckDBValue => cell;
const small = (cell: Exclude<Cell, null>): DuckDBValue => Number(cell);
const units = (cell: Exclude<Cell, null>): bigint => BigInt(cell);

const carriers: Readonly<Record<string, Carrier>> = {
  VARCHAR: { type: VARCHAR, value: asIs },
  JSON: { type: VARCHAR, value: asIs },
  BOOLEAN: { type: BOOLEAN, value: asIs },
  TINYINT: { type: TINYINT, value: small },
  SMALLINT: { type: SMALLINT, value: small },
  INTEGER: { type: INTEGER, value: small },
  BIGINT: { type: BIGINT, value: asIs },
  HUGEINT: { type: HUGEINT, value: asIs },
  UTINYINT: { type: UTINYINT, value: small },
  USMALLINT: { type: USMALLINT, value: small },
  UINTEGER: { type: UINTEGER, value: small },
  UBIGINT: { type: UBIGINT, value: asIs },
  UHUGEINT: { type: UHUGEINT, value: asIs },
  FLOAT: { type: FLOAT, value: asIs },
  DOUBLE: { type: DOUBLE, value: asIs },
  DATE: { type: DATE, value: (days) => new DuckDBDateValue(Number(days)) },
  TIME: { type: TIME, value: (micros) => new DuckDBTimeValue(units(micros)) },
  TIMESTAMP: { type: TIMESTAMP, value: (micros) => new DuckDBTimestampValue(units(micros)) },
  'TIMESTAMP WITH TIME ZONE': { type: TIMESTAMPTZ, value: (micros) => new DuckDBTimestampTZValue(units(micros)) },
  TIMESTAMP_NS: { type: TIMESTAMP_NS, value: (nanos) => new DuckDBTimestampNanosecondsValue(units(nanos)) },
};

const carrierOf = (type: string): Carrier => {
  const [precision, scale] = (/^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? []).slice(1).map(Number);
  if (precision === undefined || scale === undefined) return carriers[type] ?? { type: VARCHAR, value: asIs };
  return { type: DECIMAL(precision, scale), value: (cell) => new DuckDBDecimalValue(units(cell), precision, scale) };
};

/** Rows of a vector in DuckDB. */
const vectorSize = 2_048;

const fill = (chunk: DuckDBDataChunk, columns: readonly TypedColumn[], from: number): void => {
  const [{ values: first } = { values: [] }] = columns;
  chunk.rowCount = Math.min(vectorSize, first.length - from);
  columns.forEach(({ type, values }, index) => {
    const { value } = carrierOf(type);
    const cells = values.slice(from, from + vectorSize).map((cell) => (cell === null ? null : value(cell)));
    chunk.setColumnValues(index, cells);
  });
};

/** Creates the table `name`, whose name needs no quoting, with the columns and rows of a read table. */
export const createTable = async (
  connection: DuckDBConnection,
  name: string,
  { columns, rows }: Pick<Table, 'columns' | 'rows'>,
): Promise<void> => {
  const definitions = columns.map((column) => `${quotedName(column.name)} ${column.type}`).join(', ');
  await connection.run(`CREATE TABLE "${name}" (${definitions})`);
  const appender = await connection.createAppender(name);
  try {
    for (let from = 0; from < rows; from += vectorSize) {
      const chunk = DuckDBDataChunk.create(columns.map(({ type }) => carrierOf(type).type));
      fill(chunk, columns, from);
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
};
