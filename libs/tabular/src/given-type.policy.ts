// Types that the owner of a file gives to its columns.
import { type Cell, dateOrderOf, type Reading, timeCell } from './column-type.policy.js';
import { digitsOf, numberText, type NumberStyle, sameDigits, scaledUnits } from './numbers.policy.js';
import { type DateOrder, type TimeText, timeText } from './times.policy.js';
import { Unreadable } from './unreadable.js';

/** A value of the type, or undefined when the text does not fit it. */
type Fit = (text: string) => Cell | undefined;

const wholeTypes: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TINYINT: [-(2n ** 7n), 2n ** 7n - 1n],
  SMALLINT: [-(2n ** 15n), 2n ** 15n - 1n],
  INTEGER: [-(2n ** 31n), 2n ** 31n - 1n],
  BIGINT: [-(2n ** 63n), 2n ** 63n - 1n],
  HUGEINT: [-(2n ** 127n), 2n ** 127n - 1n],
  UTINYINT: [0n, 2n ** 8n - 1n],
  USMALLINT: [0n, 2n ** 16n - 1n],
  UINTEGER: [0n, 2n ** 32n - 1n],
  UBIGINT: [0n, 2n ** 64n - 1n],
  UHUGEINT: [0n, 2n ** 128n - 1n],
};

const aliases: Readonly<Record<string, string>> = {
  TEXT: 'VARCHAR',
  STRING: 'VARCHAR',
  CHAR: 'VARCHAR',
  BOOL: 'BOOLEAN',
  INT: 'INTEGER',
  INT4: 'INTEGER',
  INT8: 'BIGINT',
  LONG: 'BIGINT',
  REAL: 'FLOAT',
  FLOAT4: 'FLOAT',
  FLOAT8: 'DOUBLE',
  'DOUBLE PRECISION': 'DOUBLE',
  DECIMAL: 'DECIMAL(18,3)',
  NUMERIC: 'DECIMAL(18,3)',
  DATETIME: 'TIMESTAMP',
  TIMESTAMPTZ: 'TIMESTAMP WITH TIME ZONE',
};

const others = [
  'VARCHAR',
  'BOOLEAN',
  'FLOAT',
  'DOUBLE',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMP_NS',
  'TIMESTAMP WITH TIME ZONE',
  'JSON',
];
const decimal = /^(?:DECIMAL|NUMERIC)\((\d{1,2})(?:,(\d{1,2}))?\)$/;

const decimalName = (name: string): string | undefined => {
  const [, precision = 0, scale = 0] = (decimal.exec(name) ?? []).map((part) => Number(part));
  const fits = precision >= 1 && precision <= 38 && scale <= precision;
  return fits ? `DECIMAL(${precision},${Number.isNaN(scale) ? 0 : scale})` : undefined;
};

/** The name that DuckDB has for a type; undefined when a source cannot have it. */
export const typeNamed = (given: string): string | undefined => {
  const name = given
    .trim()
    .toUpperCase()
    .replace(/\s*([(),])\s*/g, '$1')
    .replace(/\s+/g, ' ');
  const known = Object.hasOwn(aliases, name) ? aliases[name] : name;
  if (known === undefined) return undefined;
  return Object.hasOwn(wholeTypes, known) || others.includes(known) ? known : decimalName(known);
};

export const isGivenType = (given: string): boolean => typeNamed(given) !== undefined;

const plainOf = (text: string, style: NumberStyle): string | undefined => {
  // The owner says that it is a number, so leading zeros, a plus sign and 1E5 lose nothing that counts.
  const bare = text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1');
  const number = numberText(bare, style);
  if (number?.kind === 'number') return number.plain;
  return number?.kind === 'code' && style.decimal === '.' ? bare : undefined;
};

const wholeFit = (type: string, style: NumberStyle): Fit => {
  const [min, max] = wholeTypes[type] ?? [0n, 0n];
  return (text) => {
    const plain = plainOf(text, style);
    const value = plain === undefined ? undefined : scaledUnits(plain, 40, 0);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  };
};

const decimalFit = (type: string, style: NumberStyle): Fit => {
  const [precision = 38, scale = 0] = (type.match(/\d+/g) ?? []).map(Number);
  return (text) => {
    const plain = plainOf(text, style);
    return plain === undefined ? undefined : scaledUnits(plain, precision, scale);
  };
};

// Fractions are rounded, as the type says; whole numbers and zero are what they are.
const floatFit = (type: string, style: NumberStyle): Fit => {
  return (text) => {
    const plain = plainOf(text, style);
    if (plain === undefined) return undefined;
    const value = type === 'FLOAT' ? Math.fround(Number(plain)) : Number(plain);
    const vanished = value === 0 && digitsOf(plain).digits !== '0';
    const rounded = digitsOf(plain).exponent >= 0 && !sameDigits(plain, value);
    return Number.isFinite(value) && !vanished && !rounded ? value : undefined;
  };
};

const booleanFit: Fit = (text) => {
  if (/^(true|t|yes|y|1)$/i.test(text)) return true;
  return /^(false|f|no|n|0)$/i.test(text) ? false : undefined;
};

const jsonFit: Fit = (text) => {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
};

const midnight = 86_400_000_000_000n;

const timeFits = (type: string, time: TimeText, order: DateOrder): boolean => {
  if (time.orders !== undefined && !time.orders.includes(order)) return false;
  if (type === 'DATE')
    return (time.kind === 'date' || time.kind === 'timestamp') && time.nanos(order) % midnight === 0n;
  if (type === 'TIME') return time.kind === 'time' && time.precision <= 6;
  if (type === 'TIMESTAMP WITH TIME ZONE') return time.kind === 'instant' && time.precision <= 6;
  const fine = type === 'TIMESTAMP_NS' || time.precision <= 6;
  return fine && (time.kind === 'timestamp' || time.kind === 'date');
};

const temporalFit = (type: string, column: string, values: readonly (string | null)[], reading: Reading): Fit => {
  const order = dateOrderOf(values, reading);
  if (order === undefined) {
    throw new Unreadable(`The order of day and month in the column ${column} is not clear: say date_format`);
  }
  return (text) => {
    const time = reading.dates?.(text) ?? timeText(text);
    return time !== undefined && timeFits(type, time, order) ? timeCell(type, time, order) : undefined;
  };
};

const plainFits: Readonly<Record<string, Fit>> = {
  VARCHAR: (text) => text,
  BOOLEAN: booleanFit,
  JSON: jsonFit,
};

/**
 * How the texts of a column become values of a type that its owner gave. Blank texts are NULL unless the type is VARCHAR.
 *
 * @param type a name that {@link typeNamed} returned
 * @throws Unreadable when the order of day and month is not clear
 */
export const givenFit = (type: string, column: string, values: readonly (string | null)[], reading: Reading): Fit => {
  const style = reading.numbers ?? { decimal: '.', certain: true };
  const made = ((): Fit => {
    const plain = plainFits[type];
    if (plain !== undefined) return plain;
    if (Object.hasOwn(wholeTypes, type)) return wholeFit(type, style);
    if (type.startsWith('DECIMAL')) return decimalFit(type, style);
    if (type === 'DOUBLE' || type === 'FLOAT') return floatFit(type, style);
    return temporalFit(type, column, values, reading);
  })();
  if (type === 'VARCHAR') return made;
  return (text) => (text.trim() === '' ? null : made(text.trim()));
};
