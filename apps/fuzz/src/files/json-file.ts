// Writes JSON and NDJSON files.
import type { Random } from '@pulser/harness';

import { type Family, familyNames, type Values, valuesOf } from '../values/families.js';
import { type Cell, exactNumber } from '../values/truth.js';
import { encoded, type Encoding, type WrittenColumn, type WrittenFile, type WrittenRow } from './written-file.js';

/** How a file is written. */
export interface JsonPlan {
  readonly format: 'json' | 'ndjson';
  readonly layout: 'dense' | 'spaced' | 'line by line';
  readonly lineEnd: '\n' | '\r\n';
  readonly finalLineEnd: boolean;
  readonly encoding: Encoding;
  readonly mark: boolean;
  readonly blankLines: boolean;
  /** All characters beyond ASCII as \u escapes. */
  readonly escapes: boolean;
  readonly keys: 'plain' | 'case' | 'odd';
  readonly families: readonly Family[] | 'nested' | 'mixed' | 'numbers' | 'any';
  readonly columns: number;
  readonly rows: number;
  /** Share of members that are left out, and of members that are null. */
  readonly missing: number;
  readonly nulls: number;
  /** A line that is no JSON. */
  readonly brokenLine: boolean;
}

/** The plan of a file about which nothing is special. */
export const plainJson = (random: Random, format: 'json' | 'ndjson'): JsonPlan => ({
  format,
  layout: random.pick(['dense', 'spaced', 'line by line']),
  lineEnd: random.pick(['\n', '\n', '\r\n']),
  finalLineEnd: random.chance(0.7),
  encoding: 'utf-8',
  mark: false,
  blankLines: false,
  escapes: random.chance(0.2),
  keys: 'plain',
  families: 'any',
  columns: random.whole(1, 8),
  rows: random.chance(0.03) ? random.whole(300, 3_000) : random.whole(1, 40),
  missing: random.pick([0, 0, 0.2]),
  nulls: random.pick([0, 0.1, 0.5]),
  brokenLine: false,
});

const oddKeys = [
  '',
  '__proto__',
  'constructor',
  'two\nlines',
  'a "b"',
  'a.b',
  '$x',
  '価格',
  'toString',
  ' padded ',
  'select',
  'json',
  '\\',
];

const keyOf = (plan: JsonPlan, at: number): string => {
  if (plan.keys === 'case') return at % 2 === 0 ? `key${at}` : `KEY${at - 1}`;
  if (plan.keys === 'odd') return oddKeys[at] ?? `key ${at}`;
  return `key${at}`;
};

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** The same value as JSON: what is no number there is a string. */
const asJson = (cell: Cell): Cell => {
  const { written, truth } = cell;
  if (written === undefined) return cell;
  if (truth.kind === 'number' && jsonNumber.test(written)) return { ...cell, literal: written };
  if (truth.kind === 'boolean' && /^(true|false)$/.test(written)) return { ...cell, literal: written };
  const meaning = truth.kind === 'number' ? { kind: 'text' as const } : truth;
  return { written, truth: meaning, literal: JSON.stringify(written) };
};

const nestedValue = (random: Random): unknown =>
  random.pick([
    () => [1, 2, random.whole(0, 99)],
    () => ['a', 'b c'],
    () => ({ a: random.whole(0, 9), b: 'words' }),
    () => ({ b: 'more words', c: { d: [true, false] } }),
    () => [],
    () => [{ a: 1 }, { a: 2 }],
  ])();

const nestedCell = (random: Random): Cell => {
  const value = nestedValue(random);
  const literal = JSON.stringify(value);
  return { written: literal, literal, truth: { kind: 'nested', value } };
};

/** One kind of nested value in the whole column, or all kinds. */
const nested = (random: Random, rows: number): Values => {
  const seed = random.chance(0.5) ? undefined : nestedCell(random);
  const cells = Array.from({ length: rows }, () => seed ?? nestedCell(random));
  return { family: 'nested', cells, unambiguous: false, ambiguousDates: false };
};

/** Families in which the order of day and month is one for the column. */
const dayOrders: ReadonlySet<Family> = new Set([
  'dates with an order',
  'dates without zeros',
  'dates without an order',
  'ambiguous dates without zeros',
]);

/**
 * Two families of which values may stand in one column. Not dates in both orders: of those the ones with a day beyond 12 may
 * happen to have one order, and then no reader can know of the other.
 */
const twoFamilies = (random: Random): Family[] => {
  const usual = familyNames.filter((name) => name !== 'contradictory dates');
  const one = random.pick(usual);
  return [one, random.pick(usual.filter((name) => !dayOrders.has(one) || !dayOrders.has(name)))];
};

/** Values of several families in one column. */
const mixed = (random: Random, rows: number): Values => {
  const [one, other] = twoFamilies(random).map((name) => valuesOf(random, name, rows, 0));
  const cells = Array.from({ length: rows }, (_, at) => {
    const drawn = random.chance(0.1) ? nestedCell(random) : (random.chance(0.5) ? one : other)?.cells[at];
    return drawn ?? nestedCell(random);
  });
  return { family: 'mixed', cells, unambiguous: false, ambiguousDates: false };
};

const numberForms = [
  '1E5',
  '1e5',
  '1.0',
  '-0',
  '0.10',
  '-0.0',
  '1e400',
  '1e-400',
  '5E-324',
  '1.7976931348623157e308',
  '0.1e1',
  '123456789012345678901234567890123456789012345',
  '9007199254740993.0',
  '3',
  '-7',
];

/** Numbers that are written in other ways than programs do. */
const numbers = (random: Random, rows: number): Values => {
  const forms = random.shuffled(numberForms).slice(0, random.whole(1, 4));
  const cells = Array.from({ length: rows }, (): Cell => {
    const literal = random.pick(forms);
    return { written: literal, literal, truth: { kind: 'number', exact: exactNumber(literal) ?? '' } };
  });
  return { family: 'numbers of any form', cells, unambiguous: false, ambiguousDates: false };
};

const drawn = (random: Random, { families, rows }: JsonPlan): Values => {
  if (families === 'nested') return nested(random, rows);
  if (families === 'numbers') return numbers(random, rows);
  if (families === 'mixed') return mixed(random, rows);
  if (families !== 'any') return valuesOf(random, random.pick(families), rows, 0);
  return random.chance(0.1) ? nested(random, rows) : valuesOf(random, random.pick(familyNames), rows, 0);
};

const toJson = (values: Values): Values => ({
  ...values,
  cells: values.cells.map((cell) => (cell.literal === undefined ? asJson(cell) : cell)),
});

const nothing: Cell = { written: undefined, truth: { kind: 'nothing' } };
const isNull: Cell = { written: undefined, literal: 'null', truth: { kind: 'nothing' } };

const sparse = (random: Random, plan: JsonPlan, cell: Cell): Cell => {
  if (random.chance(plan.missing)) return nothing;
  return random.chance(plan.nulls) ? isNull : cell;
};

const rowsOf = (random: Random, plan: JsonPlan, columns: readonly Values[]): WrittenRow[] =>
  Array.from({ length: plan.rows }, (_, index) => ({
    // The first row has every key: the columns of a table are all keys that occur.
    cells: columns.map(({ cells }) =>
      index === 0 ? (cells[0] ?? nothing) : sparse(random, plan, cells[index] ?? nothing),
    ),
    kind: 'good',
  }));

const escaped = (literal: string, plan: JsonPlan): string =>
  plan.escapes
    ? literal.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : literal;

const objectOf = ({ cells }: WrittenRow, plan: JsonPlan): string => {
  const spaced = plan.layout === 'spaced' ? ' ' : '';
  const members = cells.flatMap(({ literal }, at) =>
    literal === undefined ? [] : [`${JSON.stringify(keyOf(plan, at))}:${spaced}${literal}`],
  );
  return escaped(`{${spaced}${members.join(`,${spaced}`)}${spaced}}`, plan);
};

const ndjson = (random: Random, plan: JsonPlan, rows: readonly WrittenRow[]): string => {
  const blank = (): string => (plan.blankLines && random.chance(0.3) ? plan.lineEnd : '');
  const line = (row: WrittenRow): string => (row.kind === 'broken' ? '{"key0": 1, "ke' : objectOf(row, plan));
  const text = rows.map((row) => blank() + line(row) + plan.lineEnd).join('');
  return plan.finalLineEnd ? text : text.replace(/\s+$/, '');
};

const json = (plan: JsonPlan, rows: readonly WrittenRow[]): string => {
  const between = plan.layout === 'dense' ? '' : plan.layout === 'spaced' ? ' ' : plan.lineEnd;
  const text = `[${between}${rows.map((row) => objectOf(row, plan)).join(`,${between}`)}${between}]`;
  return plan.finalLineEnd ? text + plan.lineEnd : text;
};

const columnsOf = (columns: readonly Values[], plan: JsonPlan): WrittenColumn[] =>
  columns.map(({ family, unambiguous }, at) => ({
    name: plan.keys === 'case' || keyOf(plan, at).trim() === '' ? undefined : keyOf(plan, at),
    family,
    // Only numbers and ISO dates mean something by themselves in JSON: other dates are strings.
    unambiguous: unambiguous && family !== 'dates with an order',
    ambiguousDates: false,
  }));

/** Writes one file by its plan. */
export const jsonFile = (random: Random, shape: string, plan: JsonPlan): WrittenFile => {
  const columns = Array.from({ length: plan.columns }, () => toJson(drawn(random, plan)));
  const good = rowsOf(random, plan, columns);
  const broken: WrittenRow[] = plan.brokenLine ? [{ cells: columns.map(() => nothing), kind: 'broken' }] : [];
  const half = Math.ceil(good.length / 2);
  const rows = [...good.slice(0, half), ...broken, ...good.slice(half)];
  const text = plan.format === 'json' ? json(plan, rows) : ndjson(random, plan, rows);
  const asText = plan.encoding === 'utf-8' && random.chance(0.6);
  const options = !asText && random.chance(0.5) ? { encoding: plan.encoding } : {};
  return {
    shape, format: plan.format, bytes: encoded(text, plan.encoding, plan.mark), asText, encoding: plan.encoding,
    options, columns: plan.rows === 0 ? [] : columnsOf(columns, plan), rows,
  }; // prettier-ignore
};
