// Files out of gzip and zip, within bounds.
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { shortened, Unreadable } from '@pulser/tabular';

import type { StagedSource } from '../../sources/sources.js';
import { type FileFacts, isGzip, isZip } from './format.policy.js';

/** A file that is not compressed, or a workbook. */
export interface Unpacked extends FileFacts {
  readonly path: string;
}

const headBytes = 4_096;

const headOf = async (path: string): Promise<Uint8Array> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

const inMegabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576).toLocaleString('en')} MiB`;

/** Bytes that may come of one, beyond the first 16 MiB: tables of repeated values reach a hundred, bombs a thousand. */
const maxRatio = 250;
const ratioFrom = 16 * 1_048_576;

/** Passes bytes on, until there are more than allowed. */
const bounded = (maxBytes: number, packedBytes: () => number): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        done(new Unreadable(`Unpacked it is larger than ${inMegabytes(maxBytes)}, which is the limit`));
      } else if (bytes > ratioFrom && bytes > packedBytes() * maxRatio) {
        done(new Unreadable(`It unpacks to more than ${maxRatio} times its size, which no table does`));
      } else done(null, chunk);
    },
  });
};

const unpackInto = async (
  path: string,
  streams: readonly [Readable, ...NodeJS.ReadWriteStream[]],
  packing: string,
): Promise<void> => {
  try {
    await pipeline([...streams, createWriteStream(path, { flags: 'wx', mode: 0o600 })]);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`The ${packing} data is broken: ${error instanceof Error ? error.message : String(error)}`);
  }
};

// Not beside a file that belongs to another.
const plainPath = ({ path, copyTo = path }: StagedSource): string => `${copyTo}.plain`;

const gunzipped = async (source: StagedSource, maxBytes: number): Promise<string> => {
  const path = plainPath(source);
  const packed = createReadStream(source.path);
  await unpackInto(path, [packed, createGunzip(), bounded(maxBytes, () => packed.bytesRead)], 'gzip');
  return path;
};

type Zip = Awaited<ReturnType<typeof openZip>>;
type Entry = Awaited<ReturnType<typeof entriesOf>>[number];

// Loaded when the first archive comes: few tasks have one.
const openZip = async (path: string) => {
  const { openPromise } = (await import('yauzl')).default;
  return openPromise(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
};

const maxEntries = 1_000;

const entriesOf = async (zip: Zip) => {
  if (zip.entryCount > maxEntries) throw new Unreadable(`The zip has more than ${maxEntries} entries`);
  const entries = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
};

// What Macs and tools leave beside the files.
const isFile = ({ fileName }: Entry): boolean => !/(?:^|\/)(?:\.|__MACOSX\/)|\/$/.test(fileName);

const isWorkbook = (entries: readonly Entry[]): boolean =>
  entries.some(({ fileName }) => fileName === '[Content_Types].xml') &&
  entries.some(({ fileName }) => /^xl\/workbook\.(?:xml|bin)$/.test(fileName));

/** The entry that is meant. Its name is compared with and shown, and never a path. */
const entryWanted = (entries: readonly Entry[], wanted: string | undefined): Entry => {
  const files = entries.filter(isFile);
  const names = files.slice(0, 20).map(({ fileName }) => `'${shortened(fileName, 60)}'`);
  const [only] = files;
  if (wanted === undefined && files.length === 1 && only !== undefined) return only;
  const found = files.find(({ fileName }) => fileName === wanted);
  if (found !== undefined) return found;
  if (files.length === 0) throw new Unreadable('The zip holds no file');
  throw new Unreadable(
    wanted === undefined
      ? `The zip holds ${files.length} files: name one as entry, of ${names.join(', ')}`
      : `The zip has no entry '${shortened(wanted, 60)}': it holds ${names.join(', ')}`,
  );
};

const unzipped = async (source: StagedSource, maxBytes: number): Promise<{ path: string; fileName?: string }> => {
  const zip = await openZip(source.path).catch((error: unknown) => {
    throw new Unreadable(`The zip is broken: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    const entries = await entriesOf(zip);
    if (isWorkbook(entries)) {
      checkWorkbook(entries, maxBytes);
      return { path: source.path };
    }
    const entry = entryWanted(entries, source.entry);
    if (entry.isEncrypted()) throw new Unreadable('The entry of the zip is encrypted');
    const path = plainPath(source);
    const stream = await zip.openReadStreamPromise(entry);
    await unpackInto(path, [stream, bounded(maxBytes, () => entry.compressedSize)], 'zip');
    return { path, fileName: entry.fileName };
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`The zip is broken: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    zip.close();
  }
};

/** A workbook is read from its archive; what it says about its sizes must be within bounds first. */
const checkWorkbook = (entries: readonly Entry[], maxBytes: number): void => {
  const bytes = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  const packed = entries.reduce((sum, { compressedSize }) => sum + compressedSize, 0);
  if (bytes > maxBytes)
    throw new Unreadable(`Unpacked the workbook is larger than ${inMegabytes(maxBytes)}, which is the limit`);
  if (bytes > ratioFrom && bytes > packed * maxRatio) {
    throw new Unreadable(`The workbook unpacks to more than ${maxRatio} times its size, which no table does`);
  }
};

/** The file of a source, unpacked beside it when it is compressed. One layer only. @throws Unreadable */
export const unpacked = async (source: StagedSource, maxBytes: number): Promise<Unpacked> => {
  const { path, format, fileName } = source;
  const head = await headOf(path);
  if (source.isText === true) return { path, head, format, fileName };
  if (isGzip(head)) {
    const plain = await gunzipped(source, maxBytes);
    return { path: plain, head: await headOf(plain), format, fileName };
  }
  if (!isZip(head)) return { path, head, format, fileName };
  const inner = await unzipped(source, maxBytes);
  return { ...inner, head: await headOf(inner.path), format, fileName: inner.fileName ?? fileName };
};
