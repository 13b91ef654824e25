// A file with known values, and what is said about it to its reader.
import type { Cell } from '../values/truth.js';

/** A column as it was written. */
export interface WrittenColumn {
  /** Undefined when another column bears it too, in any case of letters, or when it is empty: then any name will do. */
  readonly name: string | undefined;
  readonly family: string;
  readonly unambiguous: boolean;
  readonly ambiguousDates: boolean;
}

/** A row as it was written. */
export interface WrittenRow {
  readonly cells: readonly Cell[];
  /**
   * good: it must be read. short: it lacks cells, and is read or refused. broken: it must be refused. footnote: no row of the
   * table, so it may be read, refused or left out.
   */
  readonly kind: 'good' | 'short' | 'broken' | 'footnote';
}

/** Right options of a source; others than these say how its text is cut. */
export interface SourceOptions {
  readonly all_text?: boolean;
  readonly date_format?: string;
  readonly types?: Readonly<Record<string, string>>;
  readonly [option: string]: unknown;
}

/** Everything about one generated file. */
export interface WrittenFile {
  readonly shape: string;
  readonly format: 'csv' | 'json' | 'ndjson';
  readonly bytes: Buffer;
  /** The text may be given as text instead of bytes. */
  readonly asText: boolean;
  readonly encoding: Encoding;
  readonly options: SourceOptions;
  readonly columns: readonly WrittenColumn[];
  readonly rows: readonly WrittenRow[];
}

/** A file that any reader should take: all its rows are good. */
export const wellFormed = ({ rows }: WrittenFile): boolean => rows.every(({ kind }) => kind === 'good');

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'iso-8859-1' | 'windows-1252';

// The places of 0x80 to 0x9f in windows-1252, which latin-1 has not; the five that are missing stand for themselves.
const upper = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const byteOf = (char: string, windows: boolean): number | undefined => {
  const code = char.codePointAt(0) ?? 0;
  const high = windows ? upper.indexOf(char) : -1;
  if (high >= 0 && code > 0xff) return 0x80 + high;
  return code < 0x80 || (code > 0x9f && code < 0x100) ? code : undefined;
};

/** The text without what the encoding cannot hold. */
export const fitting = (text: string, encoding: Encoding): string =>
  encoding.startsWith('utf')
    ? text
    : Array.from(text, (char) => (byteOf(char, encoding === 'windows-1252') === undefined ? '?' : char)).join('');

/** @param mark begin with a byte order mark */
export const encoded = (text: string, encoding: Encoding, mark: boolean): Buffer => {
  const marked = mark ? `\uFEFF${text}` : text;
  if (encoding === 'utf-8') return Buffer.from(marked, 'utf8');
  if (encoding === 'utf-16le') return Buffer.from(marked, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(marked, 'utf16le').swap16();
  return Buffer.from(Array.from(text, (char) => byteOf(char, encoding === 'windows-1252') ?? 0x3f));
};

/** Bytes of a one-byte encoding that could as well be UTF-8, or that no reader can tell from another one-byte encoding. */
export const looksLikeUtf8 = (bytes: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};
