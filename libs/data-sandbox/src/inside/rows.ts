import {
  VARCHAR,
  type DuckDBDataChunk,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
  type Json,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBGeometryValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
  DuckDBUnionType,
  arrayFromArrayValue,
  arrayFromListValue,
  booleanFromValue,
  fromVariantValue,
  numberFromValue,
  objectArrayFromMapValue,
  objectFromStructValue,
  objectFromUnionValue,
  type DuckDBValueConverter,
} from '@duckdb/node-api';
import { survivesAsDouble } from '@pulser/tabular';

import { isoDate, isoTimestamp } from './iso-time.policy.js';
import { Refusal } from './failure.policy.js';
import type { Failure, Rows } from './job/job.js';

// The rows of a result as JSON, within limits.

/** Columns and rows beyond this are cut, however many rows were asked for: a result has room for little else besides. */
const keepBytes = 4 * 1_048_576 - 65_536;
/** How long rows beyond the kept ones are counted, in milliseconds. */
const countMs = 1_000;

const rowTooLarge = (bytes: number, room: number): Failure => ({
  code: 'result_too_large',
  message: `The first row has ${bytes.toLocaleString('en')} bytes as JSON, and a result has room for ${Math.max(0, room).toLocaleString('en')}`,
  details: { bytes, max_bytes: Math.max(0, room) },
});

/** Structs become objects: two fields of one name, such as those of ROW(1, 2), which have none, would become one. */
const checkNames = (type: DuckDBType, column: string): void => {
  if (type instanceof DuckDBStructType) {
    const twice = type.entryNames.find((name, index) => type.entryNames.indexOf(name) < index);
    if (twice !== undefined) throw new Refusal(sameNames(column, twice));
  }
  for (const inner of innerTypes(type)) checkNames(inner, column);
};

const innerTypes = (type: DuckDBType): readonly DuckDBType[] => {
  if (type instanceof DuckDBStructType) return type.entryTypes;
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return [type.valueType];
  if (type instanceof DuckDBMapType) return [type.keyType, type.valueType];
  return type instanceof DuckDBUnionType ? type.memberTypes : [];
};

const sameNames = (column: string, name: string): Failure => ({
  code: 'query_failed',
  message:
    name === ''
      ? `The column ${column} holds a struct of fields without names: name them, as in {'a': 1, 'b': 2}`
      : `The column ${column} holds a struct with two fields named ${name}`,
  details: { column },
});

class Kept {
  readonly rows: Json[][] = [];
  full = false;
  private readonly types: readonly DuckDBType[];
  private readonly limit: number;
  /** Bytes. */
  private room: number;

  // The types of the result: those of a chunk have forgotten which VARCHAR is JSON.
  constructor(types: readonly DuckDBType[], limit: number, room: number) {
    this.types = types;
    this.limit = limit;
    this.room = room;
  }

  take(chunk: DuckDBDataChunk): void {
    for (let index = 0; index < chunk.rowCount && !this.full; index += 1) {
      this.keep(chunk.getRowValues(index).map((value, column) => this.convert(value, column)));
    }
  }

  private convert(value: DuckDBValue, column: number): Json {
    return jsonValue(value, this.types[column] ?? VARCHAR, jsonValue);
  }

  private keep(row: Json[]): void {
    // And a comma.
    const bytes = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (bytes > this.room && this.rows.length === 0) throw new Refusal(rowTooLarge(bytes, this.room));
    this.room -= bytes;
    if (this.room >= 0) this.rows.push(row);
    this.full = this.room < 0 || this.rows.length >= this.limit;
  }
}

/** Chunks that are only counted between two collections: their vectors lie outside of the heap, so it does not feel them. */
const collectEvery = 500;

/**
 * Reads the first rows of a streamed result and counts the others, without ever holding more than a chunk of them.
 * @throws Refusal when not even the first row has room, or two values would become one
 */
export const readRows = async (result: DuckDBResult, limit: number): Promise<Pick<Rows, 'rows' | 'rowCount'>> => {
  const types = result.columnTypes();
  for (const [index, type] of types.entries()) checkNames(type, result.columnName(index));
  const kept = new Kept(types, limit, keepBytes - JSON.stringify(result.columnNamesAndTypesJson()).length);
  let count = 0;
  let chunks = 0;
  let countUntil = Infinity;
  for await (const chunk of result) {
    kept.take(chunk);
    count += chunk.rowCount;
    chunks += 1;
    if (chunks % collectEvery === 0) await globalThis.gc?.({ type: 'minor', execution: 'async' });
    if (kept.full) countUntil = Math.min(countUntil, performance.now() + countMs);
    if (performance.now() > countUntil) return { rows: kept.rows, rowCount: null };
  }
  return { rows: kept.rows, rowCount: count };
};

type Convert = DuckDBValueConverter<Json>;

// PostgreSQL's jsonb holds neither U+0000 nor half of a surrogate pair.
const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed();

const text: Convert = (value) => storable(String(value));
// JSON has no NaN and no infinite numbers; null would say that there is no value.
const number: Convert = (value) => (Number.isFinite(value) ? Number(value) : String(value));
const integer: Convert = (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

const base64: Convert = (value) =>
  value instanceof DuckDBBlobValue || value instanceof DuckDBGeometryValue
    ? Buffer.from(value.bytes).toString('base64')
    : String(value);

const withStorableKeys = (value: object): object =>
  Object.keys(value).every((key) => key === storable(key))
    ? value
    : Object.fromEntries(Object.entries(value).map(([key, member]): [string, unknown] => [storable(key), member]));

/** Keeps the digits of numbers that JavaScript would round. Node passes the text that a value was read from. */
const exactly = (_key: string, value: unknown, context?: { source?: string }): unknown => {
  if (typeof value === 'string') return storable(value);
  if (typeof value === 'number') return survivesAsDouble(context?.source ?? '') ? value : context?.source;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? withStorableKeys(value) : value;
};

const isUnsafe = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

const exactNumber = (key: string, value: unknown, context?: { source?: string }): unknown =>
  isUnsafe(value) ? context?.source : exactly(key, value, context);

const parsed: Convert = (value, type) =>
  type.alias === 'JSON' ? (JSON.parse(String(value), exactNumber) as Json) : storable(String(value));

const date: Convert = (value) => {
  if (!(value instanceof DuckDBDateValue)) return String(value);
  if (!value.isFinite) return value.days > 0 ? 'infinity' : '-infinity';
  return isoDate(value.days) ?? String(value);
};

const isoOf = (value: DuckDBValue): string | undefined => {
  if (value instanceof DuckDBTimestampSecondsValue) return isoTimestamp(value.seconds, 1n);
  if (value instanceof DuckDBTimestampMillisecondsValue) return isoTimestamp(value.millis, 1_000n);
  if (value instanceof DuckDBTimestampNanosecondsValue) return isoTimestamp(value.nanos, 1_000_000_000n);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return value.isFinite ? isoTimestamp(value.micros, 1_000_000n) : undefined;
  }
  return undefined;
};

const timestamp: Convert = (value) => isoOf(value) ?? String(value);

const instant: Convert = (value) => {
  const iso = isoOf(value);
  return iso === undefined ? String(value) : `${iso}Z`;
};

/** Types that are not named here become text, as DuckDB writes them. query-contract.ts documents the table. */
const converters: Partial<Record<DuckDBTypeId, Convert>> = {
  [DuckDBTypeId.SQLNULL]: () => null,
  [DuckDBTypeId.BOOLEAN]: booleanFromValue,
  [DuckDBTypeId.TINYINT]: numberFromValue,
  [DuckDBTypeId.SMALLINT]: numberFromValue,
  [DuckDBTypeId.INTEGER]: numberFromValue,
  [DuckDBTypeId.UTINYINT]: numberFromValue,
  [DuckDBTypeId.USMALLINT]: numberFromValue,
  [DuckDBTypeId.UINTEGER]: numberFromValue,
  [DuckDBTypeId.BIGINT]: integer,
  [DuckDBTypeId.UBIGINT]: integer,
  [DuckDBTypeId.HUGEINT]: integer,
  [DuckDBTypeId.UHUGEINT]: integer,
  [DuckDBTypeId.FLOAT]: number,
  [DuckDBTypeId.DOUBLE]: number,
  [DuckDBTypeId.VARCHAR]: parsed,
  [DuckDBTypeId.BLOB]: base64,
  [DuckDBTypeId.GEOMETRY]: base64,
  [DuckDBTypeId.DATE]: date,
  [DuckDBTypeId.TIMESTAMP]: timestamp,
  [DuckDBTypeId.TIMESTAMP_S]: timestamp,
  [DuckDBTypeId.TIMESTAMP_MS]: timestamp,
  [DuckDBTypeId.TIMESTAMP_NS]: timestamp,
  [DuckDBTypeId.TIMESTAMP_TZ]: instant,
  [DuckDBTypeId.LIST]: arrayFromListValue,
  [DuckDBTypeId.ARRAY]: arrayFromArrayValue,
  [DuckDBTypeId.STRUCT]: objectFromStructValue,
  [DuckDBTypeId.MAP]: objectArrayFromMapValue,
  [DuckDBTypeId.UNION]: objectFromUnionValue,
  [DuckDBTypeId.VARIANT]: fromVariantValue,
};

/** Turns a value of DuckDB into JSON, as {@link QueryResult} describes. */
export const jsonValue: Convert = (value, type, self) =>
  value === null ? null : (converters[type.typeId] ?? text)(value, type, self);
