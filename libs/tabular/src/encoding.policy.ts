// From bytes to text.
import { Unreadable } from './unreadable.js';

/** A text, the name of its encoding, and what was guessed or lost on the way. */
export interface Decoded {
  readonly text: string;
  readonly encoding: string;
  readonly guess?: string;
  readonly warning?: string;
}

const starts = (bytes: Uint8Array, ...mark: number[]): boolean => mark.every((byte, index) => bytes[index] === byte);

const byteOrderMark = (bytes: Uint8Array): string | undefined => {
  if (starts(bytes, 0xff, 0xfe, 0, 0) || starts(bytes, 0, 0, 0xfe, 0xff)) {
    throw new Unreadable('The file is UTF-32, which is not read: save it as UTF-8');
  }
  if (starts(bytes, 0xef, 0xbb, 0xbf)) return 'utf-8';
  if (starts(bytes, 0xff, 0xfe)) return 'utf-16le';
  return starts(bytes, 0xfe, 0xff) ? 'utf-16be' : undefined;
};

const strictly = (bytes: Uint8Array, encoding: string): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Line ends, delimiters, digits and Latin letters have a zero byte in UTF-16, always on the same side. */
const utf16ByZeros = (bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined => {
  const zeros = [0, 0];
  let narrow = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
    else if (bytes[at] === 10) narrow += bytes[at - 1] === 0 || bytes[at + 1] === 0 ? -1 : 1;
  }
  const [even = 0, odd = 0] = zeros;
  const most = Math.max(even, odd);
  // Few zeros and more line ends of one byte than of two are NUL characters.
  const enough = most * 25 >= bytes.length / 2 && (narrow <= 0 || most * 10 >= (bytes.length / 2) * 3);
  if (!enough || most < 4 * Math.min(even, odd)) return undefined;
  return odd > even ? 'utf-16le' : 'utf-16be';
};

// A file of UTF-8 with a broken character here and there, as a cut in the middle of one leaves behind.
const mostlyUtf8 = (bytes: Uint8Array): Decoded | undefined => {
  const text = new TextDecoder().decode(bytes);
  let broken = 0;
  let whole = 0;
  for (const char of text) {
    if (char === '\ufffd') broken += 1;
    else if (char > '\x7f') whole += 1;
  }
  if (whole < 10 * broken) return undefined;
  return { text, encoding: 'utf-8', warning: `${broken} byte sequences are no UTF-8; they became U+FFFD` };
};

const guessed = (bytes: Uint8Array): Decoded => {
  const utf16 = utf16ByZeros(bytes);
  const wide = utf16 === undefined ? undefined : strictly(bytes, utf16);
  if (utf16 !== undefined && wide === undefined) throw new Unreadable(`The bytes look like ${utf16}, cut or broken`);
  if (utf16 !== undefined && wide !== undefined) {
    return {
      text: wide,
      encoding: utf16,
      guess: `The encoding is ${utf16} by its zero bytes; there is no byte order mark`,
    };
  }
  const utf8 = strictly(bytes, 'utf-8');
  if (utf8 !== undefined) return { text: utf8, encoding: 'utf-8' };
  const encoding = 'windows-1252';
  return (
    mostlyUtf8(bytes) ?? {
      text: new TextDecoder(encoding).decode(bytes),
      encoding,
      guess: 'The encoding is windows-1252 (latin-1), because the bytes are no UTF-8 and no UTF-16',
    }
  );
};

/** Whether `encoding` is a label that can be decoded, such as utf-8, utf-16le, latin1 or shift_jis. */
export const isEncoding = (encoding: string): boolean => {
  try {
    return new TextDecoder(encoding).encoding !== '';
  } catch {
    return false;
  }
};

/**
 * Decodes bytes: by the given encoding; else by the byte order mark; else as UTF-16 when zero bytes say so, as UTF-8 when
 * they are valid UTF-8, as windows-1252 otherwise. The byte order mark is no part of the text.
 *
 * @throws Unreadable when the bytes do not fit the given encoding
 */
export const decode = (bytes: Uint8Array, given?: string): Decoded => {
  const encoding = given ?? byteOrderMark(bytes);
  if (encoding === undefined) return guessed(bytes);
  const text = strictly(bytes, encoding);
  if (text !== undefined) return { text, encoding: new TextDecoder(encoding).encoding };
  const broken = given === undefined ? mostlyUtf8(bytes) : undefined;
  if (broken !== undefined && encoding === 'utf-8') return broken;
  throw new Unreadable(`The bytes are not valid ${encoding}`);
};
