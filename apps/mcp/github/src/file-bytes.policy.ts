// A part of a file as text, or in base64 where it is none.

export interface FilePart {
  readonly encoding: 'utf-8' | 'base64';
  readonly content: string;
  /** Bytes of the file that the part covers. */
  readonly bytes: number;
}

const continues = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

// Without the character that the end cuts in two.
const wholeCharacters = (part: Buffer): Buffer => {
  let start = part.length - 1;
  while (start > part.length - 4 && continues(part[start])) start -= 1;
  const lead = part[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > part.length ? part.subarray(0, start) : part;
};

const textOf = (part: Buffer): string | undefined => {
  if (part.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part);
  } catch {
    return undefined;
  }
};

/** @param more whether the file goes on after these bytes */
export const filePart = (bytes: Buffer, more: boolean): FilePart => {
  const part = more ? wholeCharacters(bytes) : bytes;
  const text = textOf(part);
  if (text !== undefined) return { encoding: 'utf-8', content: text, bytes: part.length };
  return { encoding: 'base64', content: bytes.toString('base64'), bytes: bytes.length };
};
