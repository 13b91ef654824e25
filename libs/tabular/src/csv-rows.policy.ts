// Which records of a CSV file are rows of its table.
import { isTyped } from './delimiter.policy.js';
import type { CsvRecord, Refused } from './records.policy.js';
import { Unreadable } from './unreadable.js';

export interface CsvRows {
  readonly rows: readonly CsvRecord[];
  readonly refused: readonly Refused[];
  /** Rows with fewer cells than the table has columns. */
  readonly padded: number;
}

const inCells = (count: number): string => (count === 1 ? '1 cell' : `${count} cells`);

const isBlankBehind = ({ cells, quoted }: CsvRecord, width: number): boolean =>
  cells.slice(width).every((cell, index) => cell.trim() === '' && quoted?.[width + index] !== true);

const equals = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((cell, index) => cell === other[index]);

/** Sorts the records below the header into rows and refused ones. */
export class RowFilter {
  readonly refused: Refused[] = [];
  padded = 0;
  private readonly width: number;
  private readonly header: CsvRecord | undefined;

  constructor(width: number, header: CsvRecord | undefined) {
    this.width = width;
    this.header = header;
  }

  /** Undefined for a record of one cell, which other rows must explain. */
  isRow(record: CsvRecord): boolean | undefined {
    const { cells } = record;
    if (this.width > 1 && this.header !== undefined && equals(cells, this.header.cells)) {
      return this.refuse(record, 'Repeats the header');
    }
    if (cells.length === this.width) return true;
    if (cells.length > this.width)
      return isBlankBehind(record, this.width) || this.refuse(record, this.mismatch(cells.length));
    if (cells.length === 1) return undefined;
    this.padded += 1;
    return true;
  }

  /** A short row when its cell fits the first column; else a note between or below the rows. */
  isShortRow(record: CsvRecord, firstIsTyped: boolean, isLast: boolean): boolean {
    const [cell = ''] = record.cells;
    if (cell.trim() === '') return false;
    const fits = firstIsTyped ? isTyped(cell) : !isLast;
    if (!fits) return this.refuse(record, `${this.mismatch(1)}; read as a note, not as a row`);
    this.padded += 1;
    return true;
  }

  mismatch(cells: number): string {
    const table = this.header === undefined ? 'the other rows have' : 'the header has';
    return `${inCells(cells)}, but ${table} ${this.width}`;
  }

  private refuse({ line }: CsvRecord, reason: string): false {
    this.refused.push({ line, reason });
    return false;
  }
}

export const firstIsTyped = (rows: readonly CsvRecord[]): boolean => {
  const cells = rows.flatMap(({ cells: [first = ''] }) => (first.trim() === '' ? [] : [first]));
  return cells.length > 0 && cells.filter(isTyped).length >= 0.9 * cells.length;
};

/**
 * The rows among the records below the header. Short ones are kept and counted; those with too many filled cells, notes
 * and repeated headers are refused with the reason.
 *
 * @throws Unreadable when there are records, but none has the width of the table
 */
export const rowsOf = (records: readonly CsvRecord[], width: number, header: CsvRecord | undefined): CsvRows => {
  const filter = new RowFilter(width, header);
  const verdicts = records.map((record) => filter.isRow(record));
  const whole = records.filter((record, index) => verdicts[index] === true && record.cells.length >= width);
  const [other] = records.filter((_, index) => verdicts[index] !== false);
  if (whole.length === 0 && other !== undefined) {
    throw new Unreadable(filter.mismatch(other.cells.length), other.line);
  }
  const last = verdicts.lastIndexOf(true);
  const typed = firstIsTyped(whole);
  const rows = records.filter((record, index) => verdicts[index] ?? filter.isShortRow(record, typed, index > last));
  return { rows, refused: filter.refused, padded: filter.padded };
};
