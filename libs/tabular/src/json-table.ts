// JSON and NDJSON texts as tables: one column per key of the objects, in order of first appearance.
import { type Cell, type Decision, decideType, numericCell, type Reading } from './column-type.policy.js';
import { type RawColumn, typedColumns } from './columns.js';
import { checkSize, type ReadTable } from './csv-table.js';
import { type Item, jsonItems, ndjsonItems } from './json-items.policy.js';
import { distinctNames } from './names.policy.js';
import { numericType, survivesAsDouble } from './numbers.policy.js';
import { datesOf, type ReadOptions } from './options.js';
import type { Refused } from './records.policy.js';
import type { Warning } from './report.js';

type Kind = 'string' | 'number' | 'boolean' | 'nested';

const kindOf = (source: string): Kind => {
  const [first] = source;
  if (first === '"') return 'string';
  if (first === '{' || first === '[') return 'nested';
  return first === 't' || first === 'f' ? 'boolean' : 'number';
};

const parsed = (source: string): string => JSON.parse(source) as string;

const asJson: Decision = { type: 'JSON', decidedBy: 'values', convert: (source) => source };

const strings = (texts: readonly (string | null)[], reading: Reading): Decision => {
  const decision = decideType(
    texts.map((source) => (source === null ? null : parsed(source))),
    { ...reading, numbers: undefined },
  );
  return { ...decision, convert: (source): Cell => decision.convert(parsed(source)) };
};

const numbers = (sources: readonly string[]): Decision => {
  const type = numericType(
    sources,
    sources.every((source) => wholeNumber.test(source) && source !== '-0'),
  );
  if (type !== undefined) return { type, decidedBy: 'values', convert: (source) => numericCell(type, source) };
  const message = 'No numeric type holds all the digits: kept as text';
  return {
    type: 'VARCHAR',
    decidedBy: 'kept_as_text',
    convert: (source) => source,
    warning: { code: 'kept_as_text', message },
  };
};

const wholeNumber = /^-?\d+$/;

const bigintMax = 2n ** 64n;
const isLong = (number: string): boolean =>
  wholeNumber.test(number)
    ? BigInt(number) >= bigintMax || BigInt(number) < -bigintMax / 2n
    : !survivesAsDouble(number);

/** Numbers inside of a value that DuckDB's JSON functions would round, as `->>` does. */
const hasLongNumber = (source: string): boolean =>
  (source.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/-?\d[\d.eE+-]{15,400}/g) ?? []).some(isLong);

const longNumbers: Decision['warning'] = {
  code: 'long_numbers',
  message: 'Some numbers have more digits than JSON functions of SQL keep; the column itself has them all',
};

const mixedKinds = (kinds: ReadonlySet<Kind>, sources: readonly string[]): Decision => {
  if (kinds.size === 1) return sources.some(hasLongNumber) ? { ...asJson, warning: longNumbers } : asJson;
  const message = `Values are of several kinds (${[...kinds].join(', ')}): the column is JSON`;
  return { ...asJson, warning: { code: 'mixed_types', message } };
};

const booleans: Decision = { type: 'BOOLEAN', decidedBy: 'values', convert: (source) => source === 'true' };

const decide = ({ texts }: RawColumn, reading: Reading): Decision => {
  const sources = texts.filter((source) => source !== null);
  const kinds = new Set(sources.map(kindOf));
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1 || kind === 'nested') {
    return kind === undefined ? { ...asJson, type: 'VARCHAR' } : mixedKinds(kinds, sources);
  }
  if (kind === 'string') return strings(texts, reading);
  return kind === 'number' ? numbers(sources) : booleans;
};

const jsonFormat = { decide, scalar: (source: string): string => (source.startsWith('"') ? parsed(source) : source) };

/** Values by key; the objects need not have the same ones. */
const columnsOf = (items: readonly Item[]): RawColumn[] => {
  const byKey = new Map<string, (string | null)[]>();
  items.forEach(({ members }, row) => {
    for (const [key, source] of members ?? []) {
      let texts = byKey.get(key);
      if (texts === undefined) {
        checkSize(byKey.size + 1, items.length);
        texts = new Array<string | null>(items.length).fill(null);
        byKey.set(key, texts);
      }
      if (source !== 'null') texts[row] = source;
    }
  });
  return [...byKey].map(([name, texts]) => ({ name, texts }));
};

const faultOf = ({ members, fault }: Item): string | undefined =>
  fault ?? (members === undefined ? 'No object' : undefined);

// A table has at least one column.
const withoutKeys = (items: readonly Item[]): RawColumn[] => [
  {
    name: 'json',
    texts: items.map(({ members, source }) => (members === undefined && source !== 'null' ? source : null)),
  },
];

const noColumns: Warning = { code: 'no_columns', message: 'No object has a key: the values are in the column json' };

/** The items that are no rows; of values alone any value is a row. */
const refusedOf = (items: readonly Item[], onlyValues: boolean): Refused[] =>
  items.flatMap((item) => {
    const reason = onlyValues ? item.fault : faultOf(item);
    return reason === undefined ? [] : [{ line: item.place, reason }];
  });

const distinctColumns = (raw: readonly RawColumn[]): { columns: RawColumn[]; warnings: Warning[] } => {
  const { names, warnings } = distinctNames(raw.map(({ name }) => name));
  return {
    columns: raw.map((column, index) => ({ ...column, name: names[index] ?? column.name, written: column.name })),
    warnings,
  };
};

/** Reads JSON or, with a value on each line, NDJSON. @throws Unreadable */
export const readJson = (text: string, format: 'json' | 'ndjson', options: ReadOptions): ReadTable => {
  const items = format === 'json' ? jsonItems(text) : ndjsonItems(text);
  const onlyValues = items.every(({ members }) => members === undefined || members.size === 0);
  const refused = refusedOf(items, onlyValues);
  const places = new Set(refused.map(({ line }) => line));
  const rows = items.filter(({ place }) => !places.has(place));
  const { columns, warnings } = distinctColumns(onlyValues ? withoutKeys(rows) : columnsOf(rows));
  const lines = rows.map(({ place }) => place);
  const typed = typedColumns(columns, lines, jsonFormat, { numbers: undefined, dates: datesOf(options) }, options);
  return {
    columns: typed.columns,
    rows: typed.rows,
    refused: [...refused, ...typed.refused],
    guesses: typed.guesses,
    warnings: [...(onlyValues ? [noColumns] : []), ...warnings, ...typed.warnings],
  };
};
