// From the text of a CSV file to its records.
import { Unreadable } from './unreadable.js';

/** How a text is cut. */
export interface Grammar {
  /** Undefined: a line is one cell. */
  readonly delimiter: string | undefined;
  readonly quote: string | undefined;
  /** What stands before a quote inside of a quoted cell: another quote, or a backslash. */
  readonly escape: string | undefined;
  /** A line that starts with it is no record. */
  readonly comment: string | undefined;
}

export interface CsvRecord {
  /** Line on which it starts, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Which cells were quoted; undefined when none was. */
  readonly quoted: readonly boolean[] | undefined;
}

/** A line that is no record, or none that can be told for sure. */
export interface Refused {
  readonly line: number;
  readonly reason: string;
}

export interface Records {
  readonly records: readonly CsvRecord[];
  readonly refused: readonly Refused[];
  readonly commentLines: readonly number[];
  readonly blankLines: readonly number[];
  /** Offset at which reading stopped. */
  readonly end: number;
  /** Offset of the last line that was begun: a text that goes on elsewhere is to be read again from there. */
  readonly lastStart: number;
  /** A quote was not closed before the text ended. */
  readonly ranOut: boolean;
}

interface Quoted {
  readonly text: string;
  /** Offset behind the closing quote and blanks. */
  readonly end: number;
}

const LF = 10;
const CR = 13;

/**
 * Cuts a text into records, in linear time. A line ends with LF, CR LF or CR, also mixed. A cell is quoted when a quote
 * is the first thing in it but blanks; elsewhere quotes are text. A quote that is never closed, or closed before the cell
 * ends, refuses its lines only: reading goes on behind the line on which that cell began, so it swallows no rows.
 *
 * An own scanner, because a library's recovery from such a quote skips all lines up to the next quote, and because finding
 * the dialect and reading must cut alike.
 */
class Scanner {
  private readonly records: CsvRecord[] = [];
  private readonly refused: Refused[] = [];
  private readonly commentLines: number[] = [];
  private readonly blankLines: number[] = [];
  private at = 0;
  private line = 1;
  private lastStart = 0;
  private ranOut = false;
  private readonly text: string;
  private readonly grammar: Grammar;
  /** Characters that may be read twice, behind broken quotes. */
  private spare: number;

  constructor(text: string, grammar: Grammar) {
    this.text = text;
    this.grammar = grammar;
    this.spare = 20 * text.length + 100_000;
  }

  scan(skipLines: number, limit: number): Records {
    for (let skipped = 0; skipped < skipLines && this.at < this.text.length; skipped += 1) this.nextLine();
    while (this.at < this.text.length && this.records.length < limit) {
      this.lastStart = this.at;
      this.readLine();
    }
    const { records, refused, commentLines, blankLines, at: end, lastStart, ranOut } = this;
    return { records, refused, commentLines, blankLines, end, lastStart, ranOut };
  }

  private readLine(): void {
    const { comment } = this.grammar;
    if (comment !== undefined && this.text.startsWith(comment, this.at)) {
      this.commentLines.push(this.line);
      this.nextLine();
    } else if (this.isLineEnd(this.at)) {
      this.blankLines.push(this.line);
      this.endLine();
    } else {
      this.readRecord();
    }
  }

  private readRecord(): void {
    const { line } = this;
    const cells: string[] = [];
    let quoted: boolean[] | undefined;
    for (;;) {
      const start = this.at;
      const opening = this.openingQuote(start);
      const cell = opening < 0 ? undefined : this.quotedCell(opening);
      if (opening === start && cell === undefined) {
        this.refuseFrom(line, start);
        return;
      }
      if (cell === undefined) {
        this.at = this.endOfBare(start);
        cells.push(this.text.slice(start, this.at));
      } else {
        quoted ??= [];
        quoted[cells.length] = true;
        cells.push(cell.text);
        this.countLines(start, cell.end);
        this.at = cell.end;
      }
      if (!this.isDelimiter(this.at)) break;
      this.at += this.grammar.delimiter?.length ?? 1;
    }
    this.endLine();
    this.records.push({ line, cells, quoted });
  }

  private openingQuote(start: number): number {
    const { quote } = this.grammar;
    if (quote === undefined) return -1;
    const at = this.behindBlanks(start);
    return this.text.startsWith(quote, at) ? at : -1;
  }

  private quotedCell(opening: number): Quoted | undefined {
    const { quote = '"', escape } = this.grammar;
    const parts: string[] = [];
    let from = opening + 1;
    for (let at = this.text.indexOf(quote, from); at >= 0; at = this.text.indexOf(quote, from)) {
      if (escape === '\\' && this.escapedByBackslash(at, from)) {
        parts.push(this.text.slice(from, at - 1), quote);
      } else if (this.text[at + 1] === quote) {
        parts.push(this.text.slice(from, at), quote);
        at += 1;
      } else {
        parts.push(this.text.slice(from, at));
        const end = this.behindBlanks(at + 1);
        const closed = end >= this.text.length || this.isDelimiter(end) || this.isLineEnd(end);
        if (closed) return { text: parts.join(''), end };
        this.spend(at - opening);
        return undefined;
      }
      from = at + 1;
    }
    this.ranOut = true;
    this.spend(this.text.length - opening);
    return undefined;
  }

  private escapedByBackslash(quoteAt: number, from: number): boolean {
    let slashes = 0;
    while (quoteAt - slashes > from && this.text[quoteAt - slashes - 1] === '\\') slashes += 1;
    return slashes % 2 === 1;
  }

  private spend(characters: number): void {
    this.spare -= characters;
    if (this.spare < 0) throw new Unreadable('Too many quotes that are not closed', this.line);
  }

  /** Refuses the record up to the line on which its broken cell starts. */
  private refuseFrom(line: number, start: number): void {
    const reason = 'A quoted cell is not closed, or text follows its closing quote';
    this.at = start;
    for (let lost = line; lost <= this.line; lost += 1) this.refused.push({ line: lost, reason });
    this.nextLine();
  }

  private endOfBare(start: number): number {
    let at = start;
    while (at < this.text.length && !this.isLineEnd(at) && !this.isDelimiter(at)) at += 1;
    return at;
  }

  private behindBlanks(start: number): number {
    let at = start;
    while ((this.text[at] === ' ' || this.text[at] === '\t') && !this.isDelimiter(at)) at += 1;
    return at;
  }

  private isDelimiter(at: number): boolean {
    const { delimiter } = this.grammar;
    return delimiter !== undefined && this.text.startsWith(delimiter, at);
  }

  private isLineEnd(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code === LF || code === CR;
  }

  private countLines(from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === LF || (code === CR && this.text.charCodeAt(at + 1) !== LF)) this.line += 1;
    }
  }

  private endLine(): void {
    if (this.at >= this.text.length) return;
    this.at += this.text.charCodeAt(this.at) === CR && this.text.charCodeAt(this.at + 1) === LF ? 2 : 1;
    this.line += 1;
  }

  private nextLine(): void {
    while (this.at < this.text.length && !this.isLineEnd(this.at)) this.at += 1;
    this.endLine();
  }
}

/**
 * The records of a CSV text.
 *
 * @param skipLines lines at the start that are not looked at
 * @param limit stops after so many records
 * @throws Unreadable when broken quotes would make it slower than linear
 */
export const recordsOf = (text: string, grammar: Grammar, skipLines = 0, limit = Infinity): Records =>
  new Scanner(text, grammar).scan(skipLines, limit);
