import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { messageOf } from '@pulser/service-kit';

import { damaged } from './database-unusable.js';
import { DurableFiles } from './durable-files.js';
import { PostgresLog } from './postgres-log.js';
import { SharedPostgres } from './shared-postgres.js';

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

const startParams = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== withoutFsync),
  ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

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
    startParams,
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
