// Lines of text on a page of a PDF, in the fonts of the charts: each part in the first font that has it, embedded as far as
// it is used, from right to left where its script is.
import { type Direction, mirrored, visualRuns } from '@pulser/charts/text';
import type PDFDocument from 'pdfkit';

export type Pdf = InstanceType<typeof PDFDocument>;

/** How a text is set. */
export interface TextStyle {
  /** Points. */
  readonly size: number;
  readonly isBold?: boolean;
  readonly colour?: string;
}

/** A part of a line that is set at once. */
interface Piece {
  readonly file: string;
  readonly text: string;
}

const wordsAndBlanks = /\s+|[^\s]+/gu;

/** Shaping turns the letters of a word round, not the words of a line. */
const piecesOf = (line: string, isBold: boolean, base: Direction): Piece[] =>
  visualRuns(line, undefined, base).flatMap(({ font: { files }, text, level }) => {
    const [regular, bold] = files;
    const file = isBold ? (bold ?? regular) : regular;
    const words = level % 2 === 1 ? (mirrored(text).match(wordsAndBlanks) ?? []).toReversed() : [text];
    return words.map((word) => ({ file, text: word }));
  });

/** What has no form, or would break the line: a PDF has neither. */
const clean = (text: string): string =>
  text.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');

/** Scripts that are written without blanks. */
const withoutBlanks =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff01-\uff60]/u;

const segmenter = new Intl.Segmenter();

/** Measures and sets texts. One for a document. */
export class Typesetter {
  private readonly widths = new Map<string, number>();

  private readonly pdf: Pdf;

  constructor(pdf: Pdf) {
    this.pdf = pdf;
  }

  /** Points. */
  width(text: string, { size, isBold = false }: TextStyle): number {
    const key = `${isBold ? 'b' : 'r'}${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      width = this.measure(text, isBold);
      this.widths.set(key, width);
    }
    return (width * size) / 100;
  }

  /** Sets one line. @param x, y of its upper left corner, in points. @param base of the paragraph */
  line(text: string, x: number, y: number, style: TextStyle, base: Direction = 'ltr'): void {
    const { size, isBold = false, colour = '#1f2328' } = style;
    this.pdf.fillColor(colour);
    let left = x;
    for (const piece of piecesOf(clean(text), isBold, base)) {
      const font = this.pdf.font(piece.file).fontSize(size);
      // On one base line, whatever the height of the font.
      this.pdf.text(piece.text, left, y + size * 0.9, { lineBreak: false, baseline: 'alphabetic' });
      left += font.widthOfString(piece.text);
    }
  }

  /** A text in lines that fit. What is left over after `maxLines` is cut off, with an ellipsis. */
  wrap(text: string, style: TextStyle, width: number, maxLines = Infinity): string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of this.words(clean(text), style, width)) {
      const longer = line + word;
      if (line === '' || this.width(longer.trimEnd(), style) <= width) line = longer;
      else {
        lines.push(line.trim());
        line = word.trimStart();
        if (lines.length > maxLines) break;
      }
    }
    if (line.trim() !== '' || lines.length === 0) lines.push(line.trim());
    return lines.length <= maxLines
      ? lines
      : [...lines.slice(0, maxLines - 1), this.shorten(lines[maxLines - 1] ?? '', style, width)];
  }

  private shorten(line: string, style: TextStyle, width: number): string {
    let kept = Array.from(segmenter.segment(line), ({ segment }) => segment);
    while (kept.length > 1 && this.width(`${kept.join('')}…`, style) > width) kept = kept.slice(0, -1);
    return `${kept.join('')}…`;
  }

  /** Parts between which a line may break. */
  private *words(text: string, style: TextStyle, width: number): Generator<string> {
    for (const [word] of text.matchAll(/\s*\S+/g)) {
      if (withoutBlanks.test(word) || this.width(word.trim(), style) > width) {
        for (const { segment } of segmenter.segment(word)) yield segment;
      } else yield word;
    }
  }

  /** Of 100 points. */
  private measure(text: string, isBold: boolean): number {
    const pieces = piecesOf(clean(text), isBold, 'ltr');
    return pieces.reduce((sum, piece) => sum + this.pdf.font(piece.file).fontSize(100).widthOfString(piece.text), 0);
  }
}
