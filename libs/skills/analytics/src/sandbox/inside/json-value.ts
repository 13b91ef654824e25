import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBGeometryValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  arrayFromArrayValue,
  arrayFromListValue,
  booleanFromValue,
  fromVariantValue,
  numberFromValue,
  objectArrayFromMapValue,
  objectFromStructValue,
  objectFromUnionValue,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
} from '@duckdb/node-api';

import { isoDate, isoTimestamp } from './iso-time.policy.js';

type Convert = DuckDBValueConverter<Json>;

// PostgreSQL's jsonb cannot hold U+0000.
const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd');

const text: Convert = (value) => storable(String(value));
const finite: Convert = (value) => (Number.isFinite(value) ? Number(value) : null);
const integer: Convert = (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

const base64: Convert = (value) =>
  value instanceof DuckDBBlobValue || value instanceof DuckDBGeometryValue
    ? Buffer.from(value.bytes).toString('base64')
    : String(value);

// Node passes the text that the value was read from as a third argument.
const exactNumber = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  Number.isInteger(value) && !Number.isSafeInteger(value) ? context?.source : value;

const parsed: Convert = (value, type) => {
  const plain = storable(String(value));
  if (type.alias !== 'JSON') return plain;
  return JSON.parse(plain.replaceAll('\\u0000', '\\ufffd'), exactNumber) as Json;
};

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

/** Types that are not named here become text, as DuckDB writes them. The table stands in query-result.ts for readers. */
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
  [DuckDBTypeId.FLOAT]: finite,
  [DuckDBTypeId.DOUBLE]: finite,
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
