// Archives made by hand, so that they can be wrong in any way.
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Sets the flag of encryption. */
  readonly encrypted?: boolean;
  /** What the directory says about the size instead of the truth. */
  readonly saidBytes?: number;
}

const field = (size: 2 | 4, value: number): Buffer => {
  const bytes = Buffer.alloc(size);
  if (size === 2) bytes.writeUInt16LE(value);
  else bytes.writeUInt32LE(value);
  return bytes;
};

interface Packed {
  readonly name: Buffer;
  readonly data: Buffer;
  readonly header: Buffer;
}

const packed = ({ name, content, encrypted = false, saidBytes }: ZipEntry): Packed => {
  const plain = Buffer.from(content);
  const data = deflateRawSync(plain);
  const bytes = Buffer.from(name);
  const header = Buffer.concat([
    field(2, 20),
    field(2, encrypted ? 0x801 : 0x800),
    field(2, 8),
    field(4, 0),
    field(4, crc32(plain)),
    field(4, data.length),
    field(4, saidBytes ?? plain.length),
    field(2, bytes.length),
    field(2, 0),
  ]);
  return { name: bytes, data, header };
};

/** A zip of these entries. */
export const zipOf = (entries: readonly ZipEntry[]): Buffer => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, header } of entries.map(packed)) {
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), header, name, data]);
    directory.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02'),
        field(2, 20),
        header,
        field(2, 0),
        field(2, 0),
        field(2, 0),
        field(4, 0),
        field(4, offset),
        name,
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = field(2, entries.length);
  const end = [Buffer.from('PK\x05\x06'), field(4, 0), count, count, field(4, central.length), field(4, offset)];
  return Buffer.concat([...locals, central, ...end, field(2, 0)]);
};
