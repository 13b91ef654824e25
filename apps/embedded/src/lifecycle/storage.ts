import { type Database, migrateUp } from '@pulser/database';
import type { Logger } from '@pulser/service-kit';

import type { DataFolder } from '../data-folder/data-folder.js';
import { Cluster } from '../database/cluster.js';
import { EmbeddedDatabase } from '../database/embedded-database.js';
import type { OnPanic } from '../database/open-postgres.js';
import { openOwnConnection } from '../database/own-connection.js';
import { Upkeep } from '../database/upkeep.js';
import { UpkeepStore } from '../database/upkeep.store.js';
import type { Progress } from './progress.js';

export interface StorageOptions {
  readonly logger: Logger;
  readonly progress: Progress;
  readonly onPanic: OnPanic;
}

/** The migrated database, which no connection uses as a superuser any more. */
export class Storage {
  private constructor(
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
    const connection = opened.adopt(await openOwnConnection(database.url, options.logger), (part) => part.close());
    opened.adopt(upkeep(connection, options.logger), (part) => part.stop());
    return new Storage(database.url, connection, opened.move());
  }

  async close(): Promise<void> {
    await this.opened.disposeAsync();
  }
}

const openDatabase = ({ path }: DataFolder, { progress, onPanic }: StorageOptions): Promise<EmbeddedDatabase> => {
  const what = new Cluster(path).exists ? 'Opening the database' : 'Creating the database';
  return progress.during(what, () => EmbeddedDatabase.open(path, onPanic));
};

const upkeep = (connection: Database, logger: Logger): Upkeep =>
  new Upkeep(new UpkeepStore(connection), (err) => {
    logger.warn({ err }, 'the database could not be tidied');
  });
