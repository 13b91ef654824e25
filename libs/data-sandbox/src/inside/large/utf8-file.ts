// A large text file as UTF-8.
import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { decode, Unreadable, type Warning } from '@pulser/tabular';

const headBytes = 1_048_576;

export interface Utf8File {
  readonly path: string;
  readonly encoding: string;
  readonly guesses: readonly string[];
  readonly warnings: readonly Warning[];
}

const headOf = async (path: string): Promise<Buffer> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

/** Without the character that the end of the bytes may have cut; of UTF-16 the bytes up to an even number. */
const untilLine = (head: Buffer): Buffer => {
  const end = head.lastIndexOf(10);
  return end <= 0 || head.length < headBytes ? head : head.subarray(0, end + 1 + (head[end + 1] === 0 ? 1 : 0));
};

/** Whether all bytes are UTF-8; characters cut between chunks are put together. */
const isAllUtf8 = async (path: string): Promise<boolean> => {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * 1_048_576 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let end = bytes.length;
    // A character has four bytes at most; those behind the first one are 10xxxxxx.
    for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
      const byte = bytes[bytes.length - back] ?? 0;
      if (byte >= 0xc0) end = bytes.length - back;
      if (byte >= 0xc0 || byte < 0x80) break;
    }
    if (!isUtf8(bytes.subarray(0, end))) return false;
    rest = Buffer.from(bytes.subarray(end));
  }
  return isUtf8(rest);
};

/** Decodes a file into another one. @returns how many characters could not be read */
const transcode = async (path: string, copy: string, encoding: string, fatal: boolean): Promise<number> => {
  const decoder = new TextDecoder(encoding, { fatal });
  let broken = 0;
  const decoding = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        const text = decoder.decode(chunk, { stream: true });
        if (!fatal) broken += text.split('\ufffd').length - 1;
        done(null, text);
      } catch {
        done(new Unreadable(`The bytes are not valid ${encoding}`));
      }
    },
    flush(done) {
      try {
        done(null, decoder.decode());
      } catch {
        done(new Unreadable(`The bytes are not valid ${encoding}`));
      }
    },
  });
  await pipeline(createReadStream(path), decoding, createWriteStream(copy, { flags: 'wx', mode: 0o600 }));
  return broken;
};

/** The file itself, or a decoded copy. The encoding is found from the beginning, and then holds for all of it. @throws Unreadable */
export const utf8File = async (path: string, copy: string, given: string | undefined): Promise<Utf8File> => {
  const { encoding, guess } = decode(untilLine(await headOf(path)), given);
  const guesses = guess === undefined ? [] : [guess];
  if (encoding !== 'utf-8') {
    await transcode(path, copy, encoding, true);
    return { path: copy, encoding, guesses, warnings: [] };
  }
  if (await isAllUtf8(path)) return { path, encoding, guesses, warnings: [] };
  if (given !== undefined) throw new Unreadable('The bytes are not valid utf-8');
  const broken = await transcode(path, copy, 'utf-8', false);
  const message = `${broken} byte sequences are no UTF-8; they became U+FFFD`;
  return { path: copy, encoding, guesses, warnings: [{ code: 'invalid_characters', message }] };
};
