// Writes CSV files: a plan says how, its text and its rows come of it.
import type { Random } from '@pulser/harness';

import { type Family, familyNames, fractionFamilies, type Values, valuesOf } from '../values/families.js';
import type { Cell } from '../values/truth.js';
import { type CsvPlan, drawnOptions, neededOptions } from './csv-plan.js';
import {
  encoded,
  fitting,
  type SourceOptions,
  type WrittenColumn,
  type WrittenFile,
  type WrittenRow,
} from './written-file.js';

const names = ['Name', 'amount', 'Größe', 'Kunde Nr', 'date', 'x', 'select', 'total (EUR)', 'город', '価格', '__proto__', 'a.b', 'is it', 'Ort', 'Wert', 'id', 'key', 'region']; // prettier-ignore

const oddNames = ['', 'two\nlines', 'a "b"', ' padded ', 'constructor', 'rowid', 'x'.repeat(300), '1st', "it's"];

/** The text of a header cell. */
const headerOf = (random: Random, plan: CsvPlan): string[] => {
  const usual = random.shuffled(names);
  return Array.from({ length: plan.columns }, (_, at) => {
    const name = at < usual.length ? (usual[at] ?? '') : `c${at}`;
    if (plan.header === 'with delimiters') return at % 2 === 0 ? `${name}; ${at}, x | y` : name;
    if (plan.header === 'duplicates') return at % 3 === 2 ? 'value' : at % 3 === 1 ? 'value' : name;
    if (plan.header === 'case') return at % 2 === 0 ? `Col${at}` : `COL${at - 1}`;
    if (plan.header === 'years') return at === 0 ? name : String(2_000 + at);
    if (plan.header === 'hash') return at === 0 ? `#${name}` : name;
    if (plan.header === 'odd') return at > 0 && at <= oddNames.length ? (oddNames[at - 1] ?? '') : name;
    return name;
  }).map((name) => fitting(name, plan.encoding));
};

const nothing: Cell = { written: undefined, truth: { kind: 'nothing' } };

const unique = (header: readonly string[], name: string): boolean =>
  header.filter((other) => other.trim().toLowerCase() === name.trim().toLowerCase()).length === 1;

const commaForPoint = (cell: Cell): Cell =>
  cell.truth.kind === 'number' && cell.written !== undefined
    ? { ...cell, written: cell.written.replaceAll(/[.,]/g, (mark) => (mark === '.' ? ',' : '.')) }
    : cell;

/** `1,234` alone may be a thousand. */
const clearFraction = (cells: readonly Cell[]): boolean =>
  cells.some(({ written }) => written !== undefined && /,(?!\d{3}$)/.test(written)) ||
  cells.every(({ written }) => written === undefined || !written.includes(','));

const written = (values: Values, plan: CsvPlan): Values => {
  const cells = values.cells.map((cell) => {
    // What means nothing cannot be said in words.
    if (cell.written === undefined || cell.written === plan.nullText) return nothing;
    return { ...cell, written: fitting(cell.written, plan.encoding) };
  });
  if (plan.decimal === '.') return { ...values, cells };
  const turned = cells.map(commaForPoint);
  return {
    ...values,
    cells: turned,
    unambiguous: values.unambiguous && plan.delimiter !== ',' && clearFraction(turned),
  };
};

const familiesOf = (random: Random, plan: CsvPlan): Family[] =>
  Array.from({ length: plan.columns }, (_, at) => {
    if (plan.columns > 100) return random.pick(['small integers', 'prices', 'text', 'ISO dates'] as const);
    // A comma for the point is only seen where there is a fraction.
    if (plan.decimal === ',' && at === 0) return random.pick(fractionFamilies);
    return random.chance(0.4) ? random.pick(familyNames.slice(0, 8)) : random.pick(familyNames);
  });

/** Writes cells and lines by a plan. */
class CsvWriter {
  private text = '';

  constructor(
    private readonly random: Random,
    private readonly plan: CsvPlan,
  ) {}

  get lines(): string {
    const { text } = this;
    return this.plan.finalLineEnd ? text : text.replace(/(\r\n|\r|\n)$/, '');
  }

  line(content: string): void {
    const { lineEnd } = this.plan;
    this.text += content + (lineEnd === 'mixed' ? this.random.pick(['\n', '\r\n']) : lineEnd);
  }

  row(cells: readonly Cell[]): void {
    const end = this.plan.trailingDelimiter ? this.plan.delimiter : '';
    this.line(cells.map((cell, at) => this.cell(cell, at)).join(this.plan.delimiter) + end);
  }

  /** Its cells are short words: what a quote that is not closed swallows must be one line. */
  broken({ length }: readonly Cell[]): void {
    const { lastRow, quote, delimiter } = this.plan;
    const rest = Array.from({ length: lastRow === 'too long' ? length : length - 1 }, () => 'x');
    const first =
      lastRow === 'too long' ? 'x' : lastRow === 'open quote' ? `${quote}open` : `${quote}closed${quote} early`;
    this.line([first, ...rest].join(delimiter));
  }

  noise(): void {
    if (this.plan.comments && this.random.chance(0.2)) this.line('# a remark of the program');
    if (this.plan.blankLines && this.random.chance(0.2)) this.line('');
  }

  private cell({ written: text, truth }: Cell, at: number): string {
    const { quote, quoting, nullText } = this.plan;
    if (text === undefined) return nullText;
    const wanted = quoting === 'always' || (quoting === 'words' && truth.kind === 'text');
    if (!wanted && !this.needsQuotes(text, at)) return text;
    return quote + text.replaceAll(quote, quote + quote) + quote;
  }

  private needsQuotes(text: string, at: number): boolean {
    const { delimiter, quote, bareQuotes, comments, shortRows, columns, nullText } = this.plan;
    if (text === '' || text === nullText || /[\r\n]/.test(text) || text.includes(delimiter)) return true;
    if (bareQuotes ? /^\s*["']/.test(text) : text.includes('"') || text.includes(quote)) return true;
    // With one column nothing else tells what a delimiter is.
    if (columns === 1 && /[,;\t|]/.test(text)) return true;
    // One cell alone after a hash cannot be told from a remark.
    return at === 0 && text.startsWith('#') && (comments || shortRows || columns === 1);
  }
}

const preambleLines = ['Sales report 2024', 'Generated by a program', '', 'Quarter 2', 'Created: 2024-01-05 by Ann'];

const begin = (writer: CsvWriter, plan: CsvPlan, header: readonly string[]): void => {
  if (plan.sepLine) writer.line(`sep=${plan.delimiter}`);
  preambleLines.slice(0, plan.preamble).forEach((line) => {
    writer.line(line);
  });
  for (let blank = 0; blank < plan.leadingBlanks; blank += 1) writer.line('');
  if (plan.comments) writer.line('# written by a program');
  if (plan.header !== 'none') writer.row(header.map((name) => ({ written: name, truth: { kind: 'text' } })));
};

const isEmpty = ({ written: text }: Cell): boolean => text === undefined || text === '';

/** The rows as the table has them; what is short or broken is made of good ones. */
const rowsOf = (random: Random, plan: CsvPlan, columns: readonly Values[]): WrittenRow[] =>
  Array.from({ length: plan.rows }, (_, index): WrittenRow => {
    const cells = columns.map((values) => values.cells[index] ?? nothing);
    // The first rows show the shape.
    if (index < 2) return { cells, kind: 'good' };
    if (plan.lastRow !== 'good' && index === plan.rows - 1) return { cells, kind: 'broken' };
    if (!plan.shortRows || !random.chance(0.15)) return { cells, kind: 'good' };
    const kept = random.whole(1, plan.columns - 1);
    const short = cells.map((cell, at) => (at < kept ? cell : nothing));
    // Nothing at all would be a blank line.
    return short.every(isEmpty) ? { cells, kind: 'good' } : { cells: short, kind: 'short' };
  });

const writeRow = (writer: CsvWriter, { cells, kind }: WrittenRow): void => {
  writer.noise();
  if (kind === 'good') writer.row(cells);
  else if (kind === 'broken') writer.broken(cells);
  else writer.row(cells.slice(0, cells.findLastIndex((cell) => !isEmpty(cell)) + 1));
};

/** Whether the name of a column tells it from all others. */
const isKnown = (header: readonly string[], at: number, plan: CsvPlan): boolean => {
  const name = header[at] ?? '';
  return plan.header !== 'none' && name.trim() !== '' && unique(header, name);
};

const columnsOf = (
  columns: readonly Values[],
  header: readonly string[],
  plan: CsvPlan,
  options: SourceOptions,
): WrittenColumn[] =>
  columns.map(({ family, unambiguous, ambiguousDates, dateFormat }, at) => {
    const name = isKnown(header, at, plan) ? header[at] : undefined;
    // A footnote stands in the first column, which it makes one of words.
    const clear = !(plan.footnote && at === 0) && !(name !== undefined && name in (options.types ?? {}));
    const told = dateFormat !== undefined && options.date_format === dateFormat;
    return {
      name,
      family,
      unambiguous: (unambiguous || told) && clear,
      ambiguousDates: ambiguousDates && clear && !told,
    };
  });

const dateFamilies = ['dates', 'years of two digits'];

/** What the owner may say about columns: the order of dates when one column has any, and a type that fits. */
const columnOptions = (
  random: Random,
  columns: readonly Values[],
  header: readonly string[],
  plan: CsvPlan,
): SourceOptions => {
  const dates = columns.filter(
    ({ family }) => dateFamilies.some((word) => family.includes(word)) && family !== 'ISO dates',
  );
  const format = dates.length === 1 ? dates[0]?.dateFormat : undefined;
  const at = columns.findIndex(({ family }, index) => family === 'small integers' && isKnown(header, index, plan));
  const name = header[at];
  return {
    ...(format !== undefined && random.chance(0.5) && { date_format: format }),
    ...(name !== undefined &&
      name !== '__proto__' &&
      !plan.footnote &&
      random.chance(0.2) && { types: { [name]: random.pick(['VARCHAR', 'BIGINT', 'DOUBLE', 'DECIMAL(20,2)']) } }),
  };
};

/** Writes one file by its plan. */
export const csvFile = (random: Random, shape: string, plan: CsvPlan): WrittenFile => {
  const header = headerOf(random, plan);
  // A single column without a value would be a blank line.
  const empty = plan.columns === 1 ? 0 : plan.empty;
  const values = familiesOf(random, plan).map((family) => written(valuesOf(random, family, plan.rows, empty), plan));
  const rows = rowsOf(random, plan, values);
  const writer = new CsvWriter(random, plan);
  begin(writer, plan, header);
  for (const row of rows) writeRow(writer, row);
  const footnote: Cell = { written: 'Source: the statistics office', truth: { kind: 'text' } };
  const last: WrittenRow[] = plan.footnote
    ? [{ cells: values.map((_, at) => (at === 0 ? footnote : nothing)), kind: 'footnote' }]
    : [];
  for (const row of last) writeRow(writer, row);
  const bytes = encoded(writer.lines, plan.encoding, plan.mark);
  const asText = plan.encoding === 'utf-8' && random.chance(0.6);
  const drawn = drawnOptions(random, plan, !asText);
  const told = Object.keys(drawn).length > 0 ? columnOptions(random, values, header, plan) : {};
  const options = { ...drawn, ...told, ...neededOptions(plan, bytes, writer.lines) };
  return {
    shape,
    format: 'csv',
    bytes,
    asText,
    encoding: plan.encoding,
    options,
    columns: columnsOf(values, header, plan, options),
    rows: [...rows, ...last],
  };
};
