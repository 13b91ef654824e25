import { migrations } from '@pulser/migrations';
import { DataSource } from 'typeorm';

import { translateError } from '../errors/translate-error.js';

export const migrationsTable = 'pulser_migration';

const source = (url: string): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    migrations,
    migrationsTableName: migrationsTable,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    poolSize: 1,
  });

const connected = async <T>(url: string, work: (dataSource: DataSource) => Promise<T>): Promise<T> => {
  const dataSource = await translateError(() => source(url).initialize());
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
};

// Two deployments at once wait for each other. Session lock: every migration is a transaction of its own.
const locked = async <T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> => {
  await dataSource.query(`select pg_advisory_lock(hashtext('pulser.migrate'))`);
  try {
    return await work();
  } finally {
    await dataSource.query(`select pg_advisory_unlock(hashtext('pulser.migrate'))`);
  }
};

/**
 * Brings a database to this build's schema.
 * @param url login that may create roles, an extension and schemas (the server's administrator)
 * @returns names of the migrations that ran
 */
export const migrateUp = (url: string): Promise<string[]> =>
  connected(url, (dataSource) =>
    locked(dataSource, async () => {
      const ran = await dataSource.runMigrations();
      await dataSource.query(`grant select on ${migrationsTable} to pulser_app, pulser_service`);
      return ran.map((migration) => migration.name);
    }),
  );

/** Undoes the newest migrations, `steps` of them. */
export const migrateDown = (url: string, steps: number): Promise<void> =>
  connected(url, (dataSource) =>
    locked(dataSource, async () => {
      for (let step = 0; step < steps; step += 1) await dataSource.undoLastMigration();
    }),
  );
