// Compares what was read with what was written.
import type { WrittenColumn, WrittenFile, WrittenRow } from '../files/written-file.js';
import { wellFormed } from '../files/written-file.js';
import { readingOf } from '../values/truth.js';

/** What the result says about the source. */
export interface SourceReport {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly decided_by: string }[];
  readonly rows: number;
  readonly rows_refused: number;
  readonly refused: readonly { readonly reason: string }[];
  readonly guesses: readonly string[];
  readonly warnings: readonly {
    readonly code: string;
    readonly column?: string | undefined;
    readonly message: string;
  }[];
}

/** What came back of a file. */
export type Answer =
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'read';
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly rows: readonly (readonly unknown[])[];
      readonly report: SourceReport | undefined;
    };

/** Something that is wrong without a word about it. */
export interface Fault {
  readonly what: string;
  readonly row?: number;
  readonly column?: string | number;
  readonly expected?: unknown;
  readonly got?: unknown;
}

/** What one file comes to. Cells are counted in the rows that were read. */
export interface Judgement {
  readonly outcome: 'read' | 'refused';
  readonly wellFormed: boolean;
  readonly faults: readonly Fault[];
  /** Cells read as the type that they mean, or as nothing where nothing was written, or words as they are. */
  readonly exact: number;
  /** Numbers, dates, times and booleans that came back as the written text. */
  readonly keptAsText: number;
  readonly wrong: number;
  /** Cells of columns that must come back typed, and how many did. */
  readonly unambiguous: number;
  readonly typed: number;
  readonly goodRows: number;
  readonly goodRowsRefused: number;
}

type Read = Extract<Answer, { kind: 'read' }>;

const refusal = (file: WrittenFile): Judgement => ({
  outcome: 'refused', wellFormed: wellFormed(file), faults: [], exact: 0, keptAsText: 0, wrong: 0, unambiguous: 0, typed: 0,
  goodRows: 0, goodRowsRefused: 0,
}); // prettier-ignore

/** For every written column the place where it was read: by name, the others in their order. */
const placesOf = (written: readonly WrittenColumn[], read: Read['columns']): number[] => {
  const byName = new Map(read.map(({ name }, at) => [name, at]));
  const known = written.map(({ name }) => (name === undefined ? undefined : byName.get(name)));
  const rest = read.map((_, at) => at).filter((at) => !known.includes(at));
  return known.map((at, index) => at ?? (written[index]?.name === undefined ? (rest.shift() ?? -1) : -1));
};

const inOrder = (written: readonly WrittenColumn[], read: Read['columns']): number[] =>
  written.map(({ name }, at) => {
    const got = read[at]?.name;
    return got !== undefined && (name === undefined || got === name || got.trim() === name.trim()) ? at : -1;
  });

/** A long name may be cut in the report. */
const cutOf = (name: string, listed: string): boolean =>
  listed === name || (listed.endsWith('...') && name.startsWith(listed.slice(0, -3)));

class Comparison {
  readonly faults: Fault[] = [];
  private readonly places: number[];
  private readonly refusedGood: number;
  private readonly counts = { exact: 0, keptAsText: 0, wrong: 0, unambiguous: 0, typed: 0 };

  constructor(
    private readonly file: WrittenFile,
    private readonly read: Read,
  ) {
    this.places = (file.format === 'csv' ? inOrder : placesOf)(file.columns, read.columns);
    this.checkColumns();
    this.refusedGood = this.places.includes(-1) ? 0 : this.compareRows();
    this.checkReport();
    this.checkWarnings();
  }

  get judgement(): Judgement {
    const goodRows = this.file.rows.filter(({ kind }) => kind === 'good').length;
    const { faults, counts, refusedGood } = this;
    return {
      outcome: 'read',
      wellFormed: wellFormed(this.file),
      faults,
      ...counts,
      goodRows,
      goodRowsRefused: refusedGood,
    };
  }

  private checkColumns(): void {
    const { columns } = this.file;
    const missing = columns.findIndex((_, at) => this.places[at] === -1);
    const expected = columns.map(({ name }) => name ?? '(any)');
    const got = this.read.columns.map(({ name }) => name);
    const most = columns.length + (this.file.shape.startsWith('a delimiter at the end') ? 1 : 0);
    if (missing >= 0 || (got.length > most && columns.length > 0)) this.faults.push({ what: 'columns', expected, got });
    const names = got.map((name) => name.toLowerCase());
    if (new Set(names).size < names.length) this.faults.push({ what: 'two columns of one name', got });
    const surplus = this.read.columns.findIndex((_, at) => !this.places.includes(at));
    if (surplus >= 0 && this.read.rows.some((row) => row[surplus] !== null)) {
      this.faults.push({ what: 'values in a column that the file does not have', column: surplus });
    }
  }

  /** Follows the written rows through those that were read. @returns how many good ones were passed over */
  private compareRows(): number {
    let spare = this.file.rows.length - this.read.rows.length;
    // Broken rows are the first that are missing.
    let broken = this.file.rows.filter(({ kind }) => kind === 'broken').length;
    let at = 0;
    let passed = 0;
    let missed = 0;
    for (const [index, row] of this.file.rows.entries()) {
      const got = this.read.rows[at];
      if (row.kind === 'broken') broken -= 1;
      const gone = row.kind === 'broken' || got === undefined || (spare > broken && !this.equal(row, got));
      if (spare > 0 && gone) {
        spare -= 1;
        missed += row.kind === 'footnote' ? 0 : 1;
        if (row.kind === 'good') passed += 1;
      } else if (got !== undefined) {
        at += 1;
        this.countRow(row, got, index);
      }
    }
    this.checkCounts(missed);
    return passed;
  }

  private equal({ cells }: WrittenRow, got: readonly unknown[]): boolean {
    return cells.every((cell, at) => readingOf(cell, this.typeOf(at), got[this.places[at] ?? -1]) !== undefined);
  }

  private typeOf(at: number): string {
    return this.read.columns[this.places[at] ?? -1]?.type ?? '';
  }

  private checkCounts(missed: number): void {
    const { rows } = this.read;
    if (rows.length > this.file.rows.length) {
      this.faults.push({ what: 'more rows than the file has', expected: this.file.rows.length, got: rows.length });
    }
    const refused = this.read.report?.rows_refused ?? 0;
    const footnotes = this.file.rows.filter(({ kind }) => kind === 'footnote').length;
    if (refused < missed || refused > missed + footnotes) {
      this.faults.push({ what: 'rows gone without a word', expected: missed, got: refused });
    }
  }

  private countRow(row: WrittenRow, got: readonly unknown[], index: number): void {
    if (row.kind === 'broken') this.faults.push({ what: 'a broken row was read', row: index, got });
    else for (const at of row.cells.keys()) this.countCell(row, at, got[this.places[at] ?? -1], index);
  }

  private countCell({ cells }: WrittenRow, at: number, got: unknown, row: number): void {
    const cell = cells[at];
    if (cell === undefined) return;
    const reading = readingOf(cell, this.typeOf(at), got);
    const typed = reading === 'typed';
    if (reading === undefined) {
      this.counts.wrong += 1;
      const { name = at, family } = this.file.columns[at] ?? { family: '' };
      this.faults.push({
        what: `value of ${family}`,
        row,
        column: name,
        expected: cell,
        got: { type: this.typeOf(at), value: got },
      });
    } else if (reading === 'text' && cell.truth.kind !== 'text') this.counts.keptAsText += 1;
    else this.counts.exact += 1;
    if (this.file.columns[at]?.unambiguous !== true || cell.truth.kind === 'nothing' || this.keptByOption) return;
    this.counts.unambiguous += 1;
    if (typed) this.counts.typed += 1;
  }

  private get keptByOption(): boolean {
    return this.file.options.all_text === true;
  }

  private checkReport(): void {
    const { report, columns, rows } = this.read;
    if (report === undefined) {
      this.faults.push({ what: 'nothing is said about the source' });
      return;
    }
    if (report.rows !== rows.length)
      this.faults.push({ what: 'number of rows', expected: rows.length, got: report.rows });
    const listed = report.columns.map(
      ({ name, type }, at) => cutOf(columns[at]?.name ?? '', name) && columns[at]?.type === type,
    );
    if (listed.includes(false) || listed.length < Math.min(columns.length, 100)) {
      this.faults.push({ what: 'columns of the report', expected: columns, got: report.columns });
    }
    if (report.rows_refused > 0 && !report.refused.some(({ reason }) => reason !== '')) {
      this.faults.push({ what: 'rows refused without a reason', got: report.refused });
    }
    for (const [name, type] of Object.entries(this.file.options.types ?? {})) {
      const got = columns.find((column) => column.name === name)?.type;
      if (got !== type) this.faults.push({ what: 'another type than asked for', column: name, expected: type, got });
    }
    if (this.keptByOption && this.file.options.types === undefined && columns.some(({ type }) => type !== 'VARCHAR')) {
      this.faults.push({ what: 'all_text with types', got: columns });
    }
  }

  /** Days and months that cannot be told apart. */
  private checkWarnings(): void {
    if (this.keptByOption || this.faults.length > 0) return;
    for (const [at, { ambiguousDates }] of this.file.columns.entries()) {
      if (!ambiguousDates) continue;
      const name = this.read.columns[this.places[at] ?? -1]?.name;
      const { warnings = [], guesses = [] } = this.read.report ?? {};
      const warned = warnings.some(({ column }) => column !== undefined && cutOf(name ?? '', column));
      const said = warned || guesses.some((guess) => guess.includes((name ?? '').slice(0, 90)));
      if (said) continue;
      const what =
        this.typeOf(at) === 'VARCHAR' ? 'ambiguous dates without a warning' : 'an order of day and month was guessed';
      this.faults.push({ what, column: name ?? at });
    }
  }
}

// A file that cannot be read is the file's fault only with one of these codes.
const reasons = new Set(['source_unreadable', 'resource_limit', 'invalid_payload']);

/** What a file comes to: every value that is wrong without a word is a fault. */
export const judged = (file: WrittenFile, answer: Answer): Judgement => {
  if (answer.kind === 'read') return new Comparison(file, answer).judgement;
  const explained = reasons.has(answer.code) && answer.message !== '';
  const fault = { what: 'failed without a reason', got: answer };
  return { ...refusal(file), faults: explained ? [] : [fault] };
};
