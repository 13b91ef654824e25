// The pages of a PDF from top to bottom: what stands on them, and where a new one begins.
import { directionOf } from '@pulser/charts/text';

import type { Block, DocumentLights, DocumentPicture, DocumentTable } from './document.js';
import { columnWidths } from './table-layout.policy.js';
import type { Pdf, TextStyle, Typesetter } from './typesetter.js';

/** Points: 20 mm. */
export const margin = 57;

export const colours = {
  text: '#1f2328',
  soft: '#57606a',
  line: '#d0d7de',
  strong: '#8c959f',
  link: '#0072b2',
  on: '#007a58',
  off: '#b34700',
} as const;

const lineHeight = 1.42;

/** How a table is set, in points. */
interface CellStyle {
  readonly size: number;
  readonly line: number;
  readonly gap: number;
}

const usual: CellStyle = { size: 8.5, line: 11.5, gap: 10 };
/** Of more than eight columns. */
const small: CellStyle = { size: 7, line: 9.5, gap: 7 };

const styleFor = ({ columns }: DocumentTable): CellStyle => (columns.length > 8 ? small : usual);

/** What a light takes before its name, and a line of it. */
const lightWidth = 16;
const lightLine = 16;

const cellPadding = 3.5;
/** A longer text of a cell ends with an ellipsis. */
const maxCellLines = 6;
/** Rows that decide how wide the columns are: reading all of a thousand takes seconds. */
const measuredRows = 200;

interface SetTable {
  readonly table: DocumentTable;
  readonly cell: CellStyle;
  readonly widths: readonly number[];
}

/** Puts one thing under the other, and begins a page when there is no room. */
export class Pages {
  /** Where the next thing stands, in points from the top. */
  y = margin;

  readonly pdf: Pdf;
  readonly type: Typesetter;

  constructor(pdf: Pdf, type: Typesetter) {
    this.pdf = pdf;
    this.type = type;
  }

  /** Points. */
  get width(): number {
    return this.pdf.page.width - 2 * margin;
  }

  /** Above the page numbers. */
  get bottom(): number {
    return this.pdf.page.height - margin - 14;
  }

  /** From 1. */
  get number(): number {
    return this.pdf.bufferedPageRange().count;
  }

  newPage(): void {
    this.pdf.addPage();
    this.y = margin;
  }

  /** Begins a page unless so many points are left. */
  ensure(height: number): void {
    if (this.y + height > this.bottom && this.y > margin) this.newPage();
  }

  space(height: number): void {
    this.y += height;
  }

  text(text: string, style: TextStyle, indent = 0, maxLines = Infinity): void {
    const height = style.size * lineHeight;
    const base = directionOf(text);
    for (const line of this.type.wrap(text, style, this.width - indent, maxLines)) {
      this.ensure(height);
      const x = base === 'rtl' ? margin + this.width - this.type.width(line, style) : margin + indent;
      this.type.line(line, x, this.y, style, base);
      this.y += height;
    }
  }

  rule(colour: string = colours.line): void {
    this.horizontal(this.y, colour, 0.75);
  }

  /** What a block takes at least where it begins. */
  roomFor(block: Block | undefined): number {
    if (block?.kind === 'picture') return this.scaleOf(block) * block.height;
    return block?.kind === 'table' ? leastOfTable(styleFor(block)) : 40;
  }

  /** As wide as it is drawn, but no wider than the page. */
  picture(block: DocumentPicture): void {
    const { png, width, height } = block;
    const scale = this.scaleOf(block);
    this.ensure(height * scale);
    this.pdf.image(Buffer.from(png), margin, this.y, { width: width * scale, height: height * scale });
    this.y += height * scale;
  }

  /** A full disc is on, an empty square is off. */
  lights({ items }: DocumentLights): void {
    const style = { size: 9.5 };
    const bold = { ...style, isBold: true };
    const names = Math.min(this.width / 4, Math.max(0, ...items.map(({ name }) => this.type.width(name, bold))) + 12);
    const states = Math.max(0, ...items.map(({ state }) => this.type.width(state, style))) + 12;
    for (const { name, state, isOn, text } of items) {
      const left = margin + lightWidth + names + states;
      const lines = this.type.wrap(text, style, margin + this.width - left, 3);
      this.ensure(lines.length * lightLine);
      const [y, colour] = [this.y, isOn ? colours.on : colours.off];
      if (isOn) this.pdf.circle(margin + 4.5, y + 6, 4).fill(colour);
      else
        this.pdf
          .rect(margin + 1, y + 2.5, 7, 7)
          .lineWidth(1.5)
          .strokeColor(colour)
          .stroke();
      const [shown = ''] = this.type.wrap(name, bold, names, 1);
      this.type.line(shown, margin + lightWidth, y, bold);
      this.type.line(state, margin + lightWidth + names, y, { ...style, colour });
      for (const [at, line] of lines.entries())
        this.type.line(line, left, y + at * lightLine, { ...style, colour: colours.soft });
      this.y += lines.length * lightLine;
    }
  }

  /** Its header stands on every page. A row is never cut in two. */
  table(table: DocumentTable): void {
    const cell = styleFor(table);
    const set = { table, cell, widths: this.columnsOf(table, cell) };
    this.ensure(leastOfTable(cell));
    this.header(set);
    for (const row of table.rows) {
      const lines = row.map((text, at) => this.cellLines(text ?? 'NULL', set.widths[at] ?? 0, { size: cell.size }));
      const height = heightOf(lines, cell);
      if (this.y + height > this.bottom) {
        this.newPage();
        this.header(set);
      }
      this.row(set, lines, (at) => ({ size: cell.size, colour: row[at] === null ? colours.strong : colours.text }));
      this.horizontal(this.y, colours.line, 0.4);
    }
  }

  /** Of pixels to points; a picture has a page at most, with a heading. */
  private scaleOf({ width, height }: DocumentPicture): number {
    return Math.min(this.width / width, (this.bottom - margin - 60) / height, 0.75);
  }

  private columnsOf({ columns, rows }: DocumentTable, { size, gap }: CellStyle): number[] {
    const room = this.width - gap * (columns.length - 1);
    const measured = rows.slice(0, measuredRows);
    const needs = columns.map(({ name }, at) => {
      const style = { size };
      const texts = measured.map((row) => (row[at] ?? 'NULL').slice(0, 200));
      const wordsOf = (text: string): number =>
        Math.max(0, ...text.split(/\s+/).map((word) => this.type.width(word, style)));
      const head = this.type.width(name.slice(0, 200), { size, isBold: true });
      // A little more, so that rounding breaks no line.
      return {
        whole: Math.max(head, ...texts.map((text) => this.type.width(text, style))) + 0.5,
        least: Math.min(room / 3, Math.max(...texts.map(wordsOf), head / 2)) + 0.5,
      };
    });
    return columnWidths(needs, room);
  }

  private cellLines(text: string, width: number, style: TextStyle): string[] {
    return this.type.wrap(text.slice(0, 2_000), style, width, maxCellLines);
  }

  private header(set: SetTable): void {
    const style = { size: set.cell.size, isBold: true };
    const lines = set.table.columns.map(({ name }, at) => this.cellLines(name, set.widths[at] ?? 0, style));
    this.row(set, lines, () => style);
    this.horizontal(this.y, colours.strong, 1);
  }

  private row(
    { table, cell, widths }: SetTable,
    lines: readonly (readonly string[])[],
    style: (at: number) => TextStyle,
  ): void {
    let x = margin;
    for (const [at, texts] of lines.entries()) {
      const width = widths[at] ?? 0;
      for (const [number, line] of texts.entries()) {
        const indent = table.columns[at]?.isNumeric === true ? width - this.type.width(line, style(at)) : 0;
        this.type.line(line, x + indent, this.y + cellPadding + number * cell.line, style(at), directionOf(line));
      }
      x += width + cell.gap;
    }
    this.y += heightOf(lines, cell);
  }

  private horizontal(y: number, colour: string, thickness: number): void {
    this.pdf
      .moveTo(margin, y)
      .lineTo(margin + this.width, y)
      .lineWidth(thickness)
      .strokeColor(colour)
      .stroke();
  }
}

/** The header and three rows. */
const leastOfTable = ({ line }: CellStyle): number => 4 * (line + 2 * cellPadding);

const heightOf = (lines: readonly (readonly string[])[], { line }: CellStyle): number =>
  Math.max(1, ...lines.map((texts) => texts.length)) * line + 2 * cellPadding;
