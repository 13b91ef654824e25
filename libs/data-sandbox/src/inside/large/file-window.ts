// A large file, seen through a window that moves over it.
import type { FileHandle } from 'node:fs/promises';

import { Unreadable } from '@pulser/tabular';

const step = 4 * 1_048_576;
const maxRow = 32 * 1_048_576;

/** The bytes of a file from `offset` on, as far as they are in memory: one buffer, which is written over. */
export class FileWindow {
  /** What is in memory; valid until the window moves. */
  bytes: Buffer = Buffer.alloc(0);
  /** Offset of the window in the file. */
  offset: number;
  /** Whether the window reaches to the end of the file. */
  ended = false;
  private buffer = Buffer.allocUnsafe(2 * step);
  private readonly file: FileHandle;

  constructor(file: FileHandle, offset: number) {
    this.file = file;
    this.offset = offset;
  }

  /** Drops what lies before `from` (in the window) and reads on. @throws Unreadable when a row is too long */
  async advance(from: number): Promise<void> {
    const rest = this.bytes.length - from;
    if (rest > maxRow) throw new Unreadable('A row has more than 32 MiB');
    const target = rest + step <= this.buffer.length ? this.buffer : Buffer.allocUnsafe(2 * (rest + step));
    this.bytes.copy(target, 0, from);
    this.buffer = target;
    this.offset += from;
    const { bytesRead } = await this.file.read(target, rest, step, this.offset + rest);
    this.ended = bytesRead === 0;
    this.bytes = target.subarray(0, rest + bytesRead);
  }
}
