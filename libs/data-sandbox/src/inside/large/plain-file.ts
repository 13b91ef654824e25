// A large CSV file becomes one of plain records: the file itself when all of them are plain, else a copy.
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { finished, pipeline } from 'node:stream/promises';

import { type CsvPlan, type CsvRecord, recordsOf, type Refused, Unreadable } from '@pulser/tabular';

import { FileWindow } from './file-window.js';
import { cut, odd, plainEnd, type PlainGrammar, plainGrammar } from './plain-record.policy.js';

/** What is known once the whole file was looked at. */
export interface PlainFile {
  readonly path: string;
  /** Lines before the first row. */
  readonly skip: number;
  readonly delimiter: string;
  readonly quote: string | undefined;
  readonly crlf: boolean;
  readonly rows: number;
  readonly refused: number;
  readonly firstRefused: readonly Refused[];
  readonly padded: number;
  /** Some cell holds a NUL character. */
  readonly holdsNul: boolean;
  /** Cells of a record. */
  readonly width: number;
}

interface Scan {
  readonly path: string;
  readonly copyPath: string;
  readonly plan: CsvPlan;
  /** Bytes before the text: a byte order mark. */
  readonly lead: number;
  /** Bytes of the text before the first row. */
  readonly startBytes: number;
  /** Without its line end. */
  readonly headerBytes: Buffer | undefined;
  readonly crlf: boolean;
  readonly onRefused: (refused: readonly Refused[]) => Promise<void>;
}

const LF = 10;
const CR = 13;
const maxListed = 20;

const linesIn = (bytes: Buffer, from: number, to: number): number => {
  let lines = 0;
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1)) lines += 1;
  return lines;
};

/** How the records of the copy are written. */
interface Dialect {
  readonly delimiter: string;
  readonly quote: string | undefined;
  readonly crlf: boolean;
}

// That of RFC 4180, where plain records do not come over as they are.
const ownDialect: Dialect = { delimiter: ',', quote: '"', crlf: false };

const needsQuote = (cell: string, { delimiter, quote }: Dialect): boolean =>
  cell.includes(delimiter) ||
  cell.includes('\n') ||
  cell.includes('\r') ||
  (quote !== undefined && cell.includes(quote));

// A single cell gets an empty one beside it: a line with nothing in it is no record to DuckDB.
const writtenWidth = (width: number): number => Math.max(2, width);

const written = ({ cells, quoted }: Pick<CsvRecord, 'cells' | 'quoted'>, width: number, dialect: Dialect): string => {
  const { delimiter, quote, crlf } = dialect;
  const line = Array.from({ length: writtenWidth(width) }, (_, index) => {
    const cell = cells[index] ?? '';
    const wanted = quote !== undefined && (quoted?.[index] === true || needsQuote(cell, dialect));
    return wanted ? `${quote}${cell.replaceAll(quote, quote + quote)}${quote}` : cell;
  });
  return `${line.join(delimiter)}${crlf ? '\r\n' : '\n'}`;
};

/** The copy, made when the first record is not plain. */
class PlainCopy {
  private stream: WriteStream | undefined;
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get begun(): boolean {
    return this.stream !== undefined;
  }

  /** Begins with what was plain so far. */
  async begin(path: string, from: number, to: number): Promise<void> {
    this.stream = createWriteStream(this.path, { flags: 'wx', mode: 0o600 });
    if (to > from) await pipeline(createReadStream(path, { start: from, end: to - 1 }), this.stream, { end: false });
  }

  async write(part: Buffer | string): Promise<void> {
    if (this.stream?.write(part) === false) await once(this.stream, 'drain');
  }

  async close(): Promise<void> {
    this.stream?.end();
    if (this.stream !== undefined) await finished(this.stream);
  }
}

/** Windows of text in which records that are not plain are read. */
const windows = [16_384, 1_048_576, 16 * 1_048_576];
/** When one is not plain the next ones may not be, either. */
const together = 200;

class Scanner {
  rows = 0;
  refused = 0;
  readonly firstRefused: Refused[] = [];
  private line: number;
  private holdsNul = false;
  /** Lines with nothing, which are empty cells when a row of one cell follows. */
  private blank = 0;
  private readonly scan: Scan;
  private readonly window: FileWindow;
  private readonly copy: PlainCopy;
  private readonly grammar: PlainGrammar | undefined;
  private readonly width: number;
  private readonly dialect: Dialect;

  constructor(scan: Scan, window: FileWindow) {
    this.scan = scan;
    this.window = window;
    this.copy = new PlainCopy(scan.copyPath);
    this.width = scan.plan.columns.length;
    // Plain records go into the copy as they are, so they have to be cut as those of the copy.
    this.grammar = plainGrammar(scan.plan.grammar, this.width, scan.crlf);
    const { delimiter = ',', quote } = scan.plan.grammar;
    this.dialect = this.grammar === undefined ? ownDialect : { delimiter, quote, crlf: scan.crlf };
    this.line = scan.plan.startLine;
  }

  async run(): Promise<PlainFile> {
    const { window } = this;
    await window.advance(0);
    let at = 0;
    for (;;) {
      at = await this.plainRun(at);
      if (at < window.bytes.length) at = await this.oddOnes(at);
      else if (window.ended) break;
      else {
        await window.advance(at);
        at = 0;
      }
    }
    await this.copy.close();
    const { plan, path, copyPath } = this.scan;
    const { rows, refused, firstRefused, dialect, holdsNul } = this;
    // A copy that was not begun holds no row, and is the file itself.
    const width = this.width === 1 && this.copy.begun ? writtenWidth(1) : this.width;
    const source = this.copy.begun ? { path: copyPath, skip: 0 } : { path, skip: plan.startLine - 1 };
    return { ...source, ...dialect, rows, refused, firstRefused, padded: plan.rows.padded, holdsNul, width };
  }

  /** Steps over plain records. @returns where the first other one begins, or the end of the window */
  private async plainRun(from: number): Promise<number> {
    const { grammar, window } = this;
    if (grammar === undefined) return from;
    let [kept, at] = [from, from];
    while (at < window.bytes.length) {
      const end = plainEnd(window.bytes, at, grammar, window.ended);
      if (end === odd || this.isHeader(at, end)) break;
      if (end === cut) {
        await this.keep(kept, at);
        await window.advance(at);
        [kept, at] = [0, 0];
      } else {
        this.rows += 1;
        at = end;
      }
    }
    await this.keep(kept, at);
    return at;
  }

  private isHeader(from: number, to: number): boolean {
    const { headerBytes } = this.scan;
    if (headerBytes === undefined) return false;
    const { bytes } = this.window;
    let end = to;
    while (end > from && (bytes[end - 1] === LF || bytes[end - 1] === CR)) end -= 1;
    return headerBytes.length === end - from && bytes.compare(headerBytes, 0, headerBytes.length, from, end) === 0;
  }

  private async keep(from: number, to: number): Promise<void> {
    this.line += linesIn(this.window.bytes, from, to);
    if (this.copy.begun) await this.copy.write(Buffer.from(this.window.bytes.subarray(from, to)));
  }

  /** Reads records that are not plain as `readTable` does. @returns where the next one begins */
  private async oddOnes(at: number): Promise<number> {
    const { window, scan } = this;
    if (!this.copy.begun) await this.copy.begin(scan.path, scan.lead + scan.startBytes, window.offset + at);
    for (const size of windows) {
      if (window.bytes.length - at < size && !window.ended) {
        await window.advance(at);
        return this.oddOnes(0);
      }
      const bytes = window.bytes.subarray(at, at + size);
      const isAll = window.ended && at + size >= window.bytes.length;
      const read = await this.readText(bytes.toString(), isAll, size === windows.at(-1));
      if (read !== undefined) return at + read;
    }
    throw new Unreadable('A row, or what a quote that is not closed makes of it, is too long', this.line);
  }

  /** @returns bytes of what was read; undefined when the text is too short for a record */
  private async readText(text: string, isAll: boolean, isLargest: boolean): Promise<number | undefined> {
    const { plan } = this.scan;
    // A character may be cut at the end.
    const first = recordsOf(text, plan.grammar, 0, this.grammar === undefined ? together : 1);
    if (first.ranOut && !isAll && !isLargest) return undefined;
    const whole = isAll || first.end < text.length;
    const upTo = whole ? first.end : first.lastStart;
    if (upTo === 0) return undefined;
    const found = whole ? first : recordsOf(text.slice(0, upTo), plan.grammar);
    if (!this.holdsNul) this.holdsNul = text.slice(0, upTo).includes('\0');
    const blankLines = this.width === 1 ? [...found.blankLines] : [];
    for (const record of found.records) {
      while (blankLines[0] !== undefined && blankLines[0] < record.line) {
        blankLines.shift();
        this.blank += 1;
      }
      if (!plan.rows.isRow({ ...record, line: this.line + record.line - 1 }, isAll && upTo === text.length)) continue;
      await this.keepBlank();
      this.rows += 1;
      await this.copy.write(written(record, this.width, this.dialect));
    }
    this.blank += blankLines.length;
    const broken = found.refused.map(({ line, reason }) => ({ line: this.line + line - 1, reason }));
    await this.refuse([...broken, ...plan.rows.takeRefused()]);
    const bytes = Buffer.from(text.slice(0, upTo));
    this.line += linesIn(bytes, 0, bytes.length);
    return bytes.length;
  }

  private async keepBlank(): Promise<void> {
    if (this.rows > 0) {
      this.rows += this.blank;
      const nothing = { cells: [''], quoted: undefined };
      for (; this.blank > 0; this.blank -= 1) await this.copy.write(written(nothing, this.width, this.dialect));
    }
    this.blank = 0;
  }

  private async refuse(refused: readonly Refused[]): Promise<void> {
    this.refused += refused.length;
    this.firstRefused.push(...refused.slice(0, maxListed - this.firstRefused.length));
    if (refused.length > 0) await this.scan.onRefused(refused);
  }
}

/** Looks at every record of the file once. */
export const plainFile = async (scan: Scan): Promise<PlainFile> => {
  const file = await open(scan.path);
  try {
    return await new Scanner(scan, new FileWindow(file, scan.lead + scan.startBytes)).run();
  } finally {
    await file.close();
  }
};
