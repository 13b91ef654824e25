// Pixels as a PNG (https://www.w3.org/TR/png-3/) without the channel of transparency, which no chart needs: a third smaller in
// memory, and a PDF takes it as it is, where it would take one with that channel apart.
import { crc32, deflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const chunk = (type: string, content: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
};

/** Eight bits for each of three colours, no interlace. */
const header = (width: number, height: number): Buffer => {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content.set([8, 2], 8);
  return chunk('IHDR', content);
};

/** Each line begins with its filter: none. @returns undefined when a pixel is transparent */
const linesOf = (width: number, height: number, rgba: Uint8Array): Buffer | undefined => {
  const lines = Buffer.alloc(height * (width * 3 + 1));
  let [from, to] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    to += 1;
    for (let x = 0; x < width; x += 1) {
      if (rgba[from + 3] !== 255) return undefined;
      lines[to] = rgba[from] ?? 0;
      lines[to + 1] = rgba[from + 1] ?? 0;
      lines[to + 2] = rgba[from + 2] ?? 0;
      from += 4;
      to += 3;
    }
  }
  return lines;
};

/** @param rgba four bytes a pixel, line after line. @returns undefined when a pixel is transparent */
export const opaquePng = (width: number, height: number, rgba: Uint8Array): Uint8Array | undefined => {
  const lines = linesOf(width, height, rgba);
  if (lines === undefined) return undefined;
  const content = deflateSync(lines);
  return Buffer.concat([signature, header(width, height), chunk('IDAT', content), chunk('IEND', Buffer.alloc(0))]);
};
