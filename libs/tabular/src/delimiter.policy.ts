// Which delimiter and quote cut a CSV text into a table.
import { decimalShown, numberText } from './numbers.policy.js';
import { type CsvRecord, type Grammar, type Records, recordsOf } from './records.policy.js';
import { timeText } from './times.policy.js';

/** Records from which the dialect is found. */
const sampleSize = 2_000;
const delimiters = [',', ';', '\t', '|'];

/** What the owner of the file said; undefined is to be found, null is "none". */
export interface Known {
  readonly delimiter: string | undefined;
  readonly quote: string | null | undefined;
  readonly comment: string | null | undefined;
  readonly skip: number;
}

export interface Cut {
  readonly grammar: Grammar;
  /** Cells that most records have. */
  readonly width: number;
  readonly sample: Records;
  readonly guesses: readonly string[];
}

interface Scored extends Cut {
  readonly score: number;
}

/** The number of cells, above one, that most records have; 1 when none has more. */
export const usualWidth = (records: readonly CsvRecord[]): number => {
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  let [width, best] = [1, 0];
  for (const [cells, count] of counts) {
    if (cells > 1 && (count > best || (count === best && cells === records[0]?.cells.length)))
      [width, best] = [cells, count];
  }
  return width;
};

const anyStyle = { decimal: '.', certain: true } as const;

/** Whether a cell says what it is: a number, date, time, truth value. */
export const isTyped = (cell: string): boolean => {
  const text = cell.trim();
  if (text === '' || text.length > 60) return false;
  return (
    numberText(text, anyStyle) !== undefined ||
    decimalShown(text) !== undefined ||
    timeText(text) !== undefined ||
    /^(true|false)$/i.test(text)
  );
};

/** Share of typed cells among those that are not empty, from a few records. */
const typedShare = (records: readonly CsvRecord[], width: number): number => {
  let [cells, typed] = [0, 0];
  for (const record of records.filter((one) => one.cells.length === width).slice(0, 100)) {
    for (const cell of record.cells.slice(0, 100)) {
      if (cell.trim() !== '') cells += 1;
      if (isTyped(cell)) typed += 1;
    }
  }
  return cells === 0 ? 0 : typed / cells;
};

/** How many records have the usual width; titles above and notes below, of one cell, count little against it. */
const consistency = (records: readonly CsvRecord[], width: number): number => {
  const fits = records.map(({ cells }) => cells.length === width);
  const first = records.findIndex(({ cells }) => cells.length > 1);
  const last = records.findLastIndex(({ cells }) => cells.length > 1);
  const inside = records.slice(first, last + 1).length;
  const outside = records.length - inside;
  const matching = fits.filter(Boolean).length;
  return matching / (inside + 0.3 * outside);
};

const headerFit = (records: readonly CsvRecord[], width: number): number => {
  const first = records.findIndex(({ cells }) => cells.length === width);
  if (first === 0) return 1;
  return records.slice(0, first).every(({ cells }) => cells.length === 1) ? 0.6 : 0.2;
};

const scored = (text: string, grammar: Grammar, skip: number): Scored => {
  const sample = recordsOf(text, grammar, skip, sampleSize);
  const { records, refused } = sample;
  const width = usualWidth(records);
  const broken = refused.length / (records.length + refused.length || 1);
  const score =
    width === 1
      ? 0
      : 0.5 * consistency(records, width) + 0.25 * headerFit(records, width) + 0.25 * typedShare(records, width);
  return { grammar, width, sample, guesses: [], score: score - 0.5 * broken };
};

const isWrapped = (cell: string): boolean => cell.length > 1 && cell.startsWith("'") && cell.endsWith("'");

/** Single quotes are quotes when all texts of a column stand in them, or when they keep delimiters and line ends together. */
const singleQuotesPlausible = (plain: Scored, single: Scored): boolean => {
  if (single.sample.refused.length > 0 || plain.sample.records.some(({ quoted }) => quoted !== undefined)) return false;
  if (single.sample.records.length < plain.sample.records.length || single.score > plain.score + 0.05) {
    return single.sample.records.some(({ quoted }) => quoted !== undefined);
  }
  const rows = plain.sample.records.slice(1).filter(({ cells }) => cells.length === plain.width);
  const column = (index: number): string[] => rows.map(({ cells }) => cells[index] ?? '').filter((cell) => cell !== '');
  return (
    rows.length > 1 &&
    (rows[0]?.cells ?? []).some((_, index) => column(index).length > 1 && column(index).every(isWrapped))
  );
};

const better = (one: Scored, other: Scored): Scored => {
  if (Math.abs(one.score - other.score) > 1e-9) return one.score > other.score ? one : other;
  return other.width > one.width ? other : one;
};

const withQuote = (text: string, delimiter: string, known: Known, comment: string | undefined): Scored => {
  const of = (quote: string | undefined, escape: string | undefined): Scored =>
    scored(text, { delimiter, quote, escape, comment }, known.skip);
  if (known.quote === null) return of(undefined, undefined);
  const plain = of(known.quote ?? '"', known.quote ?? '"');
  if (plain.sample.refused.length > 0 && text.includes(`\\${known.quote ?? '"'}`)) {
    const escaped = of(known.quote ?? '"', '\\');
    if (escaped.sample.refused.length < plain.sample.refused.length) {
      return { ...escaped, guesses: ['A backslash before a quote makes the quote a part of the cell'] };
    }
  }
  if (known.quote !== undefined || !text.includes("'")) return plain;
  const single = of("'", "'");
  return singleQuotesPlausible(plain, single) ? { ...single, guesses: ['Cells stand in single quotes'] } : plain;
};

const named = (delimiter: string | undefined): string => (delimiter === '\t' ? 'a tab' : `'${delimiter ?? ''}'`);

const doubtOn = (best: Scored, all: readonly Scored[]): string[] => {
  const rival = all.find((one) => one !== best && one.width > 1 && one.score > best.score - 0.1);
  if (rival === undefined || best.width === 1) return [];
  return [`The delimiter is ${named(best.grammar.delimiter)}; ${named(rival.grammar.delimiter)} fits nearly as well`];
};

/** Cuts a text by the delimiter and the quote that give most records the same number of cells, and typed cells. */
export const findCut = (text: string, known: Known): Cut => {
  const comment = known.comment ?? (known.comment === null ? undefined : '#');
  const candidates = known.delimiter === undefined ? delimiters : [known.delimiter];
  const all = candidates.map((delimiter) => withQuote(text, delimiter, known, comment));
  const best = all.reduce(better);
  return { ...best, guesses: [...best.guesses, ...doubtOn(best, all)] };
};
