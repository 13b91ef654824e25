// Commits and tags of a git pack (https://git-scm.com/docs/pack-format), read in one pass within bounds. Trees and files are
// only skipped: nothing of them is kept, and nothing is written to a disk.
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';

import { UnreadableText } from '../documents/unreadable-text.js';

export const packBounds = {
  objects: 2_000_000,
  /** Bytes of one object, read or skipped. */
  skipped: 200_000_000,
  /** Bytes of one commit or tag. */
  object: 1_000_000,
  /** Bytes of all commits and tags together. */
  kept: 200_000_000,
} as const;

type Kind = 'commit' | 'tag';

export interface GitObject {
  readonly kind: Kind;
  readonly content: Buffer;
}

const kinds: Readonly<Record<number, Kind>> = { 1: 'commit', 4: 'tag' };
const [offsetDelta, referenceDelta] = [6, 7];

interface Entry {
  readonly kind: Kind | undefined;
  readonly content: Buffer | undefined;
}

const damaged = (what: string): UnreadableText => new UnreadableText(`The pack is damaged: ${what}`);

class PackReader {
  readonly objects = new Map<string, GitObject>();
  private readonly byOffset = new Map<number, Entry>();
  private readonly waiting: { readonly base: string; readonly delta: Buffer; readonly offset: number }[] = [];
  private at = 12;
  private kept = 0;

  constructor(private readonly pack: Buffer) {}

  read(): void {
    if (this.pack.length < 32 || this.pack.toString('latin1', 0, 4) !== 'PACK')
      throw damaged('it does not begin as one');
    const count = this.pack.readUInt32BE(8);
    if (count > packBounds.objects)
      throw new UnreadableText(`The pack has ${count} objects; ${packBounds.objects} are the most`);
    for (let index = 0; index < count; index += 1) this.readObject();
    this.resolveWaiting();
  }

  private byte(): number {
    const value = this.pack[this.at];
    if (value === undefined) throw damaged('it ends too early');
    this.at += 1;
    return value;
  }

  private readObject(): void {
    const offset = this.at;
    let next = this.byte();
    const type = (next >> 4) & 7;
    let size = next & 15;
    for (let factor = 16; next >= 128; factor *= 128) {
      next = this.byte();
      size += (next & 127) * factor;
    }
    if (!(size <= packBounds.skipped))
      throw new UnreadableText(`The pack has an object of ${size} bytes; ${packBounds.skipped} are the most`);
    const base = type === offsetDelta ? this.byOffset.get(offset - this.distance()) : undefined;
    const name = type === referenceDelta ? this.hash() : undefined;
    const kind = kinds[type] ?? base?.kind;
    const content = this.inflate(size, kind !== undefined || name !== undefined);
    if (name !== undefined && content !== undefined) this.waiting.push({ base: name, delta: content, offset });
    else if (kind === undefined || content === undefined)
      this.byOffset.set(offset, { kind: undefined, content: undefined });
    else this.keep(offset, kind, base === undefined ? content : applied(base.content, content));
  }

  private distance(): number {
    let next = this.byte();
    let distance = next & 127;
    while (next >= 128) {
      next = this.byte();
      distance = (distance + 1) * 128 + (next & 127);
    }
    return distance;
  }

  private hash(): string {
    this.at += 20;
    return this.pack.toString('hex', this.at - 20, this.at);
  }

  /** The next object, or undefined when it is not to be kept; either way the pack is read to its end. */
  private inflate(size: number, isWanted: boolean): Buffer | undefined {
    const bound = isWanted && size <= packBounds.object;
    // Of what is skipped, one output buffer is held at a time.
    const { buffer, engine } = inflateSync(this.pack.subarray(this.at), {
      info: true,
      maxOutputLength: Math.max(size, 1),
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.length !== size) throw damaged('an object has another size than it says');
    this.at += engine.bytesWritten;
    return bound ? buffer : undefined;
  }

  private keep(offset: number, kind: Kind, content: Buffer): void {
    this.kept += content.length;
    if (this.kept > packBounds.kept) throw new UnreadableText(`Its commits have more than ${packBounds.kept} bytes`);
    this.byOffset.set(offset, { kind, content });
    this.objects.set(hashOf(kind, content), { kind, content });
  }

  // Deltas that name their base by its hash, which may come later in the pack, or be in no pack at all.
  private resolveWaiting(): void {
    let open = this.waiting;
    for (let found = true; found;) {
      const rest = open.filter(({ base, delta, offset }) => {
        const object = this.objects.get(base);
        if (object !== undefined) this.keep(offset, object.kind, applied(object.content, delta));
        return object === undefined;
      });
      found = rest.length < open.length;
      open = rest;
    }
  }
}

const hashOf = (kind: Kind, content: Buffer): string =>
  createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');

/** Applies a delta: copies from the base and new bytes in turn. */
const applied = (base: Buffer | undefined, delta: Buffer): Buffer => {
  if (base === undefined) throw damaged('a delta has no base');
  let at = 0;
  const byte = (): number => {
    const value = delta[at];
    if (value === undefined) throw damaged('a delta ends too early');
    at += 1;
    return value;
  };
  const size = (): number => {
    let [next, value, factor] = [byte(), 0, 1];
    for (; next >= 128; next = byte(), factor *= 128) value += (next & 127) * factor;
    return value + next * factor;
  };
  const number = (command: number, first: number, count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1)
      if ((command & (first << index)) !== 0) value += byte() * 256 ** index;
    return value;
  };
  if (size() !== base.length) throw damaged('a delta is of another base');
  const wanted = size();
  if (wanted > packBounds.object)
    throw new UnreadableText(`A commit has ${wanted} bytes; ${packBounds.object} are the most`);
  const parts: Buffer[] = [];
  let length = 0;
  while (at < delta.length && length <= wanted) {
    const command = byte();
    if (command >= 128) {
      const start = number(command, 1, 4);
      const count = number(command, 16, 3) || 65_536;
      parts.push(base.subarray(start, start + count));
    } else parts.push(delta.subarray(at, (at += command)));
    length += parts.at(-1)?.length ?? 0;
    if (command === 0) throw damaged('a delta has an unknown command');
  }
  const content = Buffer.concat(parts);
  if (content.length !== wanted) throw damaged('a delta gives another size than it says');
  return content;
};

/** @returns commits and tags by their hash. @throws UnreadableText when it is damaged or beyond `packBounds` */
export const readPack = (pack: Buffer): ReadonlyMap<string, GitObject> => {
  const reader = new PackReader(pack);
  try {
    reader.read();
  } catch (error) {
    if (error instanceof UnreadableText) throw error;
    // What zlib says of a damaged stream, or of one that gives more bytes than the object has.
    throw damaged((error as Error).message);
  }
  return reader.objects;
};
