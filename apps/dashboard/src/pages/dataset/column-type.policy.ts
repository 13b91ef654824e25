// What a type of DuckDB means to a reader.

const numeric = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|INT\d*|FLOAT|DOUBLE|REAL|DECIMAL|BIGNUM|VARINT)\b/i;

/** Whether values of this type are numbers, which stand to the right. */
export const isNumeric = (type: string): boolean => numeric.test(type) && !/\[\d*\]$/.test(type);

const meanings: readonly (readonly [RegExp, string])[] = [
  [/\[\d*\]$|^(?:LIST|MAP)\b/i, 'list'],
  [/^STRUCT\b/i, 'group of fields'],
  [/^U?(?:TINY|SMALL|BIG|HUGE)INT$|^U?INTEGER$|^VARINT$|^BIGNUM$/i, 'whole number'],
  [/^DECIMAL/i, 'exact decimal number'],
  [/^(?:FLOAT|DOUBLE|REAL)$/i, 'number'],
  [/^(?:VARCHAR|TEXT|STRING|CHAR)/i, 'text'],
  [/^BOOLEAN$/i, 'true or false'],
  [/^DATE$/i, 'day'],
  [/^TIMESTAMP WITH TIME ZONE$|^TIMESTAMPTZ$/i, 'moment'],
  [/^TIMESTAMP/i, 'day and time, without a zone'],
  [/^TIME\b/i, 'time of day'],
  [/^INTERVAL$/i, 'length of time'],
  [/^UUID$/i, 'id'],
  [/^JSON$/i, 'JSON'],
  [/^BLOB$/i, 'bytes'],
  [/^ENUM/i, 'one of a few words'],
];

/** The type in words; '' for one that says enough by itself. */
export const meaningOf = (type: string): string => meanings.find(([pattern]) => pattern.test(type))?.[1] ?? '';
