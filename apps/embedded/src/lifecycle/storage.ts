import { announceDatabase, Database, migrateUp, statement, withdrawDatabase } from '@pulser/database';
import type { Logger } from '@pulser/service-kit';

import type { DataFolder } from '../data-folder/data-folder.js';
import { EmbeddedDatabase } from '../database/embedded-database.js';
import type { OnPanic } from '../database/postgres.js';
import { Upkeep, UpkeepStore } from '../database/upkeep.js';
import type { Progress } from './progress.js';

export interface StorageOptions {
  readonly logger: Logger;
  readonly progress: Progress;
  readonly onPanic: OnPanic;
}

/** The migrated database, which no connection uses as a superuser any more. */
export class Storage {
  private constructor(
    private readonly folder: string,
    readonly databaseUrl: string,
    /** The host's own, beside those of the services. */
    readonly connection: Database,
    private readonly opened: AsyncDisposableStack,
  ) {}

  /** @throws DatabaseUnusable. What had been opened until then is closed again. */
  static async open(folder: DataFolder, options: StorageOptions): Promise<Storage> {
    await using opened = new AsyncDisposableStack();
    const database = opened.adopt(await openDatabase(folder, options), (part) => part.close());
    await options.progress.during('Migrating', () => migrateUp(database.url));
    await database.become('pulser_service');
    const connection = opened.adopt(await connect(database.url, options.logger), (part) => part.close());
    opened.adopt(upkeep(connection, options.logger), (part) => part.stop());
    // Only now: what connects from here on is no superuser.
    announceDatabase(folder.path, database.url);
    opened.defer(() => {
      withdrawDatabase(folder.path);
    });
    return new Storage(folder.path, database.url, connection, opened.move());
  }

  /** From now on commands beside this process know where its API is. */
  announceApi(url: string): void {
    announceDatabase(this.folder, this.databaseUrl, url);
  }

  /**
   * Ends the leases of tasks that were running when an earlier process on the same data died. Only while this process
   * holds the lock on the data and has no worker yet: then no worker is alive.
   */
  async releaseAbandonedTasks(): Promise<void> {
    await this.connection.query(releaseAbandoned);
  }

  async close(): Promise<void> {
    await this.opened.disposeAsync();
  }
}

// Needs the service role.
const releaseAbandoned = statement(
  'abandoned.release',
  `update task_queue set due_at = now() where status = 'running'`,
);

const openDatabase = ({ path }: DataFolder, { progress, onPanic }: StorageOptions): Promise<EmbeddedDatabase> => {
  const what = EmbeddedDatabase.existsIn(path) ? 'Opening the database' : 'Creating the database';
  return progress.during(what, () => EmbeddedDatabase.open(path, onPanic));
};

/** @throws DatabaseUnavailable */
const connect = async (url: string, logger: Logger): Promise<Database> => {
  const database = new Database({
    settings: { DATABASE_URL: url, DATABASE_POOL_MAX: 1, DATABASE_PREPARE: true },
    applicationName: 'pulser-embedded',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: (err) => {
      logger.warn({ err }, 'the connection of the host broke');
    },
  });
  await database.connect();
  return database;
};

const upkeep = (connection: Database, logger: Logger): Upkeep =>
  new Upkeep(new UpkeepStore(connection), (err) => {
    logger.warn({ err }, 'the database could not be tidied');
  });
