// Which characters a TrueType font draws, read from its table `cmap`:
// https://learn.microsoft.com/typography/opentype/spec/cmap
import { closeSync, openSync, readSync } from 'node:fs';

/** Ranges of code points, each with its first and last one. */
type Ranges = readonly (readonly [number, number])[];

const bytesAt = (file: number, position: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, position);
  return bytes;
};

const tableOf = (file: number, tag: string): Buffer => {
  const tables = bytesAt(file, 4, 2).readUInt16BE();
  const directory = bytesAt(file, 12, tables * 16);
  for (let at = 0; at < directory.length; at += 16) {
    if (directory.toString('latin1', at, at + 4) !== tag) continue;
    return bytesAt(file, directory.readUInt32BE(at + 8), directory.readUInt32BE(at + 12));
  }
  throw new Error(`The font has no table ${tag}`);
};

/** Format 12: groups of code points up to U+10FFFF. */
const groups = (table: Buffer): Ranges =>
  Array.from({ length: table.readUInt32BE(12) }, (_, group) => {
    const at = 16 + group * 12;
    return [table.readUInt32BE(at), table.readUInt32BE(at + 4)] as const;
  });

/** Format 4: segments of code points up to U+FFFF. Its last one, which is U+FFFF alone, is none. */
const segments = (table: Buffer): Ranges => {
  const double = table.readUInt16BE(6);
  return Array.from({ length: double / 2 - 1 }, (_, segment) => {
    const last = table.readUInt16BE(14 + segment * 2);
    return [table.readUInt16BE(16 + double + segment * 2), last] as const;
  });
};

const readers: Readonly<Record<number, (table: Buffer) => Ranges>> = { 4: segments, 12: groups };

const rangesOf = (cmap: Buffer): Ranges =>
  Array.from({ length: cmap.readUInt16BE(2) }, (_, encoding) => cmap.readUInt32BE(4 + encoding * 8 + 4)).flatMap(
    (offset) => readers[cmap.readUInt16BE(offset)]?.(cmap.subarray(offset)) ?? [],
  );

/** The code points that a font file has a glyph for. @throws Error when it is no TrueType font */
export const codePointsOf = (path: string): ReadonlySet<number> => {
  const file = openSync(path, 'r');
  try {
    const found = new Set<number>();
    for (const [first, last] of rangesOf(tableOf(file, 'cmap')))
      for (let at = first; at <= last; at += 1) found.add(at);
    return found;
  } finally {
    closeSync(file);
  }
};
