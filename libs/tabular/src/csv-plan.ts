// How a long CSV text is to be read, by its beginning.
import { type Decision, decideType, type Reading } from './column-type.policy.js';
import { csvFormat, dialectOf, doubtfulComma, sheetOf } from './csv-table.js';
import { firstIsTyped, RowFilter } from './csv-rows.policy.js';
import { numberStyleOf } from './number-style.policy.js';
import { datesOf, type ReadOptions } from './options.js';
import { type CsvRecord, type Grammar, recordsOf, type Refused } from './records.policy.js';
import { boundedReport, type ReadReport, type Warning } from './report.js';

/** A column as the beginning shows it. */
export interface PlannedColumn {
  readonly name: string;
  readonly decision: Decision;
  readonly texts: readonly (string | null)[];
}

export interface CsvPlan {
  readonly grammar: Grammar;
  /** Offset of the first row, and its line. */
  readonly start: number;
  readonly startLine: number;
  /** The text of the header; undefined without one. */
  readonly header: CsvRecord | undefined;
  readonly columns: readonly PlannedColumn[];
  readonly dialect: NonNullable<ReadReport['dialect']>;
  readonly guesses: readonly string[];
  readonly warnings: readonly Warning[];
  /** Decides on values of any column as on those of the beginning. */
  readonly decide: (values: readonly (string | null)[]) => Decision;
  readonly rows: RowSorter;
}

/** What is true of the whole file when it is true of its beginning. */
const lasting = new Set<Warning['code']>(['renamed_column', 'multiline_cells']);

const linesIn = (text: string): number => (text.match(/\r\n|\n|\r/g) ?? []).length;

/** Sorts the records of a long text one by one, as `readTable` sorts those of a short one. */
export class RowSorter {
  private readonly filter: RowFilter;
  private readonly typed: boolean;

  constructor(width: number, header: CsvRecord | undefined, beginning: readonly CsvRecord[]) {
    this.filter = new RowFilter(width, header);
    this.typed = firstIsTyped(beginning.filter(({ cells }) => cells.length >= width));
  }

  /** @param isLast whether no whole row follows */
  isRow(record: CsvRecord, isLast: boolean): boolean {
    return this.filter.isRow(record) ?? this.filter.isShortRow(record, this.typed, isLast);
  }

  get padded(): number {
    return this.filter.padded;
  }

  /** Those since the last call. */
  takeRefused(): readonly Refused[] {
    return this.filter.refused.splice(0);
  }
}

/**
 * Finds the dialect and the columns of a CSV text by its beginning, which ends with a line.
 *
 * @throws Unreadable when there is no table in it
 */
export const planCsv = (text: string, options: ReadOptions): CsvPlan => {
  const { layout, top, rows, raw, warnings } = sheetOf(text, options);
  const { grammar, skip, start } = layout;
  const before = recordsOf(text, grammar, skip, start.first + (start.header ? 1 : 0)).end;
  const numbers = numberStyleOf(raw, grammar.delimiter, options.decimal);
  const reading: Reading = { numbers, dates: datesOf(options), lineOf: (row) => rows[row]?.line ?? 0 };
  const columns = raw.map((column): PlannedColumn => {
    const text: Decision = { type: 'VARCHAR', decidedBy: 'option', convert: (value) => value };
    return {
      name: column.name,
      decision: options.all_text === true ? text : csvFormat.decide(column, reading),
      texts: column.texts,
    };
  });
  const header = start.header ? top : undefined;
  return {
    grammar,
    start: before,
    startLine: 1 + linesIn(text.slice(0, before)),
    header,
    columns,
    dialect: dialectOf(layout, top.line - 1, numbers),
    guesses: [...layout.guesses, ...doubtfulComma(numbers, options)],
    warnings: warnings.filter(({ code }) => lasting.has(code)),
    decide: (values) => decideType(values, reading),
    rows: new RowSorter(top.cells.length, header, rows.slice(0, 1_000)),
  };
};

/** The report on a long CSV file. */
export const csvReport = (report: Omit<ReadReport, 'format'>): ReadReport =>
  boundedReport({ ...report, format: 'csv' });
