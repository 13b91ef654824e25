import { fsyncSync } from 'node:fs';

import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { vector } from '@electric-sql/pglite-pgvector';
import { messageOf } from '@pulser/service-kit';

import { PostgresLog } from './postgres-log.js';

// PGlite (PostgreSQL in WebAssembly) as Pulser needs it: commits reach the disk, and several clients may share it.

/** The files of the database cannot be used. */
export class DatabaseUnusable extends Error {
  constructor(
    message: string,
    readonly startHint: string,
  ) {
    super(message);
    this.name = 'DatabaseUnusable';
  }
}

export const damaged = (folder: string, why: string): DatabaseUnusable =>
  new DatabaseUnusable(
    `the database in ${folder} cannot be opened: ${why}`,
    'restore the folder from a backup, or move it away to begin with an empty one',
  );

/** PostgreSQL has ended in a panic: what it holds in memory must not be used any more. */
export type OnPanic = (reason: string) => void;

/**
 * PostgreSQL over the files in `folder`, which are made when there are none.
 * @throws DatabaseUnusable
 */
export const openPostgres = async (folder: string, onPanic: OnPanic): Promise<SharedPostgres> => {
  const log = new PostgresLog();
  let serves = false;
  const postgres = new SharedPostgres({
    fs: new DurableFiles(folder, () => {
      if (serves) onPanic(log.reason ?? 'no reason given');
    }),
    extensions: { vector },
    startParams: startParams(),
    onStdout: log.add,
    onStderr: log.add,
  });
  try {
    await postgres.waitReady;
  } catch (error) {
    throw damaged(folder, log.reason ?? messageOf(error));
  }
  serves = true;
  return postgres;
};

const withoutFsync = '-F';

const settings = {
  // A commit is on disk before it is answered. fsync, because PGlite's fdatasync does nothing.
  wal_sync_method: 'fsync',
  // A quarter of PGlite's: 120 MB less for the process, and half a second less to start.
  shared_buffers: '32MB',
  // What a checkpoint keeps of the log; the default is 1 GB.
  max_wal_size: '64MB',
  min_wal_size: '32MB',
};

const startParams = (): string[] => [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== withoutFsync),
  ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

const kind = (letter: string): number => letter.charCodeAt(0);

// Query and Sync are answered with ReadyForQuery, Terminate with nothing; a startup packet begins with its length.
const closing = new Set([kind('Q'), kind('S'), kind('X'), 0]);

const sync = Uint8Array.of(kind('S'), 0, 0, 0, 4);

/**
 * PGlite for several clients of its socket server, which hands over message by message and asks `isInTransaction()`
 * whether the next one must come from the same client. A client's batch (Parse, Bind, Describe, Execute, Sync) has to
 * count as such: otherwise the unnamed statement of one client gets the values of another as soon as a large batch
 * arrives in pieces. https://github.com/electric-sql/pglite/issues/1046
 */
export class SharedPostgres extends PGlite {
  private batchIsOpen = false;

  override isInTransaction(): boolean {
    return this.batchIsOpen || super.isInTransaction();
  }

  override async execProtocolRawStream(...args: Parameters<PGlite['execProtocolRawStream']>): Promise<void> {
    await super.execProtocolRawStream(...args);
    const [message] = args;
    this.batchIsOpen = !closing.has(message[0] ?? 0);
  }

  /** The socket server rolls back by this when a client vanishes; inside an open batch PostgreSQL would not act on it. */
  override async exec(...args: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    if (this.batchIsOpen) await this.execProtocolRawStream(sync, { onRawData: () => undefined });
    return super.exec(...args);
  }
}

type Options = Awaited<ReturnType<NodeFS['init']>>['emscriptenOpts'];

/** The part of Emscripten's file system that keeps files on the real one; its own types leave it out. */
interface RealFiles {
  readonly FS: {
    readonly filesystems: { readonly NODEFS: { readonly stream_ops: { fsync?: (file: { nfd: number }) => number } } };
  };
}

const emscriptenInputOutputError = 29;

const fsync = ({ nfd }: { nfd: number }): number => {
  try {
    fsyncSync(nfd);
    return 0;
  } catch {
    return emscriptenInputOutputError;
  }
};

const makeDurable = (module: unknown): void => {
  (module as RealFiles).FS.filesystems.NODEFS.stream_ops.fsync = fsync;
};

/** PGlite's files on disk, with an fsync that reaches the disk: NodeFS's own answers without doing anything. */
class DurableFiles extends NodeFS {
  /** @param onAbort called when PostgreSQL ends in a panic: what it holds in memory must not be used any more */
  constructor(
    folder: string,
    private readonly onAbort: () => void,
  ) {
    super(folder);
  }

  override async init(...args: Parameters<NodeFS['init']>): Promise<{ emscriptenOpts: Options }> {
    const { emscriptenOpts } = await super.init(...args);
    const preRun = [...(emscriptenOpts.preRun ?? []), makeDurable];
    return { emscriptenOpts: { ...emscriptenOpts, preRun, onAbort: this.onAbort } };
  }
}
