// Where the table starts in a CSV text: titles, comments, the header, or data at once.
import { type Cut, isTyped } from './delimiter.policy.js';
import { type CsvRecord, type Grammar, type Records, recordsOf } from './records.policy.js';

export interface Start {
  /** Index of the first record of the table. */
  readonly first: number;
  /** Whether that record names the columns. */
  readonly header: boolean;
  readonly guesses: readonly string[];
}

const filled = ({ cells }: CsvRecord): number => cells.filter((cell) => cell.trim() !== '').length;

const isBlankBetween = (blankLines: readonly number[], from: CsvRecord, to: CsvRecord): boolean =>
  blankLines.some((line) => line > from.line && line < to.line);

/** A line above the table: another number of cells, or one filled cell and delimiters that a spreadsheet added. */
const isTitle = (
  record: CsvRecord,
  next: CsvRecord | undefined,
  width: number,
  blankLines: readonly number[],
): boolean => {
  if (width === 1) return false;
  if (record.cells.length !== width) return true;
  const count = filled(record);
  if (count > 1 || (count === 1 && record.cells[0]?.trim() === '')) return false;
  if (count === 0 || width > 2) return true;
  return next !== undefined && (filled(next) === 0 || isBlankBetween(blankLines, record, next));
};

/** Columns whose cells below are typed, though the cell of this record is not: it names them. */
const namedColumns = (record: CsvRecord, rows: readonly CsvRecord[]): number =>
  record.cells.filter((name, index) => {
    const cells = rows.map(({ cells: all }) => all[index] ?? '').filter((cell) => cell.trim() !== '');
    const typed = cells.filter(isTyped).length;
    return name.trim() !== '' && !isTyped(name) && cells.length > 0 && typed >= 0.8 * cells.length;
  }).length;

/** Titles with as many cells as the table show by a blank line, behind which a record names every typed column. */
const behindWideTitles = ({ records, blankLines }: Records, width: number): number | undefined => {
  const index = records.slice(0, 10).findIndex((record, at) => {
    const before = records[at - 1];
    return before !== undefined && isBlankBetween(blankLines, before, record);
  });
  const record = records[index];
  if (record === undefined || record.cells.length !== width || filled(record) < width) return undefined;
  if (record.cells.some(isTyped) || records.slice(0, index).some(({ cells }) => cells.every(isTyped))) return undefined;
  const rows = records.slice(index + 1, index + 101).filter(({ cells }) => cells.length === width);
  return namedColumns(record, rows) > 0 && rows.length > 1 ? index : undefined;
};

/** Index of the header or the first row, behind titles if that can be told. */
const tableStart = (all: Records, width: number): number => {
  const wide = width > 1 ? behindWideTitles(all, width) : undefined;
  if (wide !== undefined) return wide;
  const { records, blankLines } = all;
  const found = records.findIndex((record, index) => !isTitle(record, records[index + 1], width, blankLines));
  const [start, before] = [records[found], records[found - 1]];
  if (start === undefined || before === undefined) return 0;
  const rows = records.slice(found + 1, found + 101).filter(({ cells }) => cells.length === width);
  const apart = isBlankBetween(blankLines, before, start) || filled(before) === 0;
  return apart || namedColumns(start, rows) > 0 ? found : 0;
};

// Years and 1, 2, 3 are names of columns as often as values.
const isNameLike = (cell: string): boolean => /^(?:1[89]\d\d|20\d\d|\d\d?)$/.test(cell);

/** Whether the first record is a row: typed cells above typed cells, and none that names a typed column. */
export const looksLikeRow = (record: CsvRecord, rows: readonly CsvRecord[]): boolean => {
  const few = rows.slice(0, 100);
  if (few.length === 0 || namedColumns(record, few) > 0) return false;
  const typedBelow = (index: number): boolean => few.every(({ cells }) => isTyped(cells[index] ?? ''));
  const allTyped = record.cells.every((cell) => isTyped(cell));
  const telling = record.cells.filter((cell, index) => isTyped(cell) && typedBelow(index));
  if (allTyped && telling.length === record.cells.length)
    return !telling.every((cell) => isNameLike(cell) && Number(cell) > 1_799);
  return telling.some((cell) => !isNameLike(cell.trim()));
};

/** Whether a text names a column of typed cells, and no typed cell stands above others. */
const isProven = (record: CsvRecord, rows: readonly CsvRecord[]): boolean =>
  namedColumns(record, rows) > 0 &&
  !record.cells.some((cell, index) => isTyped(cell) && rows.some(({ cells }) => isTyped(cells[index] ?? '')));

const headerGuess = 'The first line is taken for the names of the columns: say header to decide otherwise';

const doubtfulHeader = (record: CsvRecord, rows: readonly CsvRecord[]): string[] =>
  rows.length === 0 || isProven(record, rows.slice(0, 100)) ? [] : [headerGuess];

/** Lines above the table that might be one themselves. */
const doubtfulTitles = (above: readonly CsvRecord[], start: CsvRecord): string[] =>
  above.some((record) => filled(record) > 1)
    ? [`The table starts on line ${start.line}, below lines with several cells`]
    : [];

/** Where the table starts. @param given whether there is a header, if the owner said so */
export const findStart = (records: Records, width: number, given: boolean | undefined, skipped: boolean): Start => {
  const first = skipped ? 0 : tableStart(records, width);
  const record = records.records[first];
  if (record === undefined) return { first, header: given ?? true, guesses: [] };
  const guesses = doubtfulTitles(records.records.slice(0, first), record);
  if (given !== undefined) return { first, header: given, guesses };
  const rows = records.records.slice(first + 1);
  const header = !looksLikeRow(record, rows);
  if (header) return { first, header, guesses: [...guesses, ...doubtfulHeader(record, rows)] };
  const guess = 'The first row has values as the rows below, so it names no columns: say header to decide otherwise';
  return { first, header, guesses: [...guesses, guess] };
};

const hash = '#';

/** Whether the line with the hash names the columns, rather than the first line without one. */
const namesMore = (hashed: CsvRecord, first: CsvRecord | undefined, rows: readonly CsvRecord[]): boolean => {
  if (first === undefined) return true;
  const named = namedColumns(first, rows);
  return named === 0 || namedColumns(hashed, rows) > named;
};

/**
 * Decides whether lines that start with # are comments. They are none where they have as many cells as the rows: then
 * they are rows, or, above the first row and with no other header, the header.
 */
export const withoutComments = (text: string, cut: Cut, skip: number): { grammar: Grammar; skip: number } => {
  const { grammar, width, sample } = cut;
  const plain = { ...grammar, comment: undefined };
  const [first] = sample.records;
  if (sample.commentLines.length === 0) return { grammar: plain, skip };
  const full = recordsOf(text, plain, skip, sample.records.length + sample.commentLines.length);
  const byLine = new Map(full.records.map((record) => [record.line, record]));
  const isRow = (line: number): boolean => width > 1 && byLine.get(line)?.cells.length === width;
  const above = sample.commentLines.filter((line) => first === undefined || line < first.line);
  const within = sample.commentLines.slice(above.length);
  const names = above.at(-1);
  const hashed = names !== undefined && isRow(names) ? byLine.get(names) : undefined;
  if (hashed !== undefined && namesMore(hashed, first, sample.records.slice(1, 101))) {
    return { grammar: plain, skip: hashed.line - 1 };
  }
  const commented = { ...grammar, comment: hash };
  if (within.length === 0) return { grammar: commented, skip };
  if (width === 1 || within.some(isRow)) return { grammar: plain, skip: names ?? skip };
  return { grammar: commented, skip };
};
