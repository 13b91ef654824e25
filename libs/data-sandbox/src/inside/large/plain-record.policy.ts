// Records that every reader of CSV understands in the same way.
import type { Grammar } from '@pulser/tabular';

/** How plain records are cut: single bytes only. */
export interface PlainGrammar {
  readonly delimiter: number;
  /** -1 for none. */
  readonly quote: number;
  readonly width: number;
  /** Lines end with CR LF. */
  readonly crlf: boolean;
}

const LF = 10;
const CR = 13;

const byteOf = (character: string | undefined): number => {
  const [byte = -1, more] = Buffer.from(character ?? '');
  return more === undefined && byte < 128 ? byte : -1;
};

/** Undefined when the records of this grammar are never plain. */
export const plainGrammar = (
  { delimiter, quote, escape, comment }: Grammar,
  width: number,
  crlf: boolean,
): PlainGrammar | undefined => {
  const byte = byteOf(delimiter);
  const quoteByte = byteOf(quote);
  const doubled = quote === undefined || (quoteByte >= 0 && escape === quote);
  return byte < 0 || !doubled || comment !== undefined || width < 2
    ? undefined
    : { delimiter: byte, quote: quoteByte, width, crlf };
};

/** The record is not plain. */
export const odd = -1;
/** The bytes end before it does. */
export const cut = -2;

/**
 * Where the record at `at` ends, behind its line end: it has the right number of cells, quotes only around whole cells,
 * the usual line end, and no NUL. Else {@link odd} or {@link cut}. At most a file's last record ends without a line end.
 */
export const plainEnd = (
  bytes: Buffer,
  at: number,
  { delimiter, quote, width, crlf }: PlainGrammar,
  last: boolean,
): number => {
  const { length } = bytes;
  let cells = 1;
  let here = at;
  for (;;) {
    if (bytes[here] === quote && here < length) {
      here = closing(bytes, here, quote, last);
      if (here < 0) return here;
    } else {
      for (; here < length; here += 1) {
        const byte = bytes[here];
        if (byte === delimiter || byte === LF || byte === CR) break;
        if (byte === quote || byte === 0) return odd;
      }
    }
    if (here >= length) return last && cells === width ? length : last ? odd : cut;
    const byte = bytes[here];
    if (byte === delimiter) {
      cells += 1;
      here += 1;
    } else if (byte === LF) {
      return crlf || cells !== width ? odd : here + 1;
    } else if (byte === CR) {
      if (here + 1 >= length) return last ? odd : cut;
      return crlf && cells === width && bytes[here + 1] === LF ? here + 2 : odd;
    } else {
      return odd;
    }
  }
};

/** Behind the quote that closes the cell opened at `at`. */
const closing = (bytes: Buffer, at: number, quote: number, last: boolean): number => {
  let from = at + 1;
  for (;;) {
    const found = bytes.indexOf(quote, from);
    if (found < 0) return last ? odd : cut;
    if (found + 1 >= bytes.length) return last ? found + 1 : cut;
    if (bytes[found + 1] !== quote) return found + 1;
    from = found + 2;
  }
};
