// The schema of a database: bring it to this build's version, go back, and check it when a service starts.
import { migrations } from '@pulser/migrations';
import { DataSource } from 'typeorm';

import { connectTimeoutMs, type Database, translateError } from '../connection/database.js';
import { statement } from '../connection/transactions.js';

const migrationsTable = 'pulser_migration';

const source = (url: string): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    migrations,
    migrationsTableName: migrationsTable,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    poolSize: 1,
    connectTimeoutMS: connectTimeoutMs,
  });

const connected = async <T>(url: string, work: (dataSource: DataSource) => Promise<T>): Promise<T> => {
  const dataSource = await translateError(() => source(url).initialize());
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
};

// Two deployments at once wait for each other. A session lock, because every migration is a transaction of its own.
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
 * @throws DatabaseUnavailable
 */
export const migrateUp = (url: string): Promise<string[]> =>
  connected(url, (dataSource) =>
    locked(dataSource, async () => {
      const ran = await dataSource.runMigrations();
      await dataSource.query(`grant select on ${migrationsTable} to pulser_app, pulser_service`);
      return ran.map((migration) => migration.name);
    }),
  );

/** Undoes the newest migrations, `steps` of them. @param url as for `migrateUp` @throws DatabaseUnavailable */
export const migrateDown = (url: string, steps: number): Promise<void> =>
  connected(url, (dataSource) =>
    locked(dataSource, async () => {
      for (let step = 0; step < steps; step += 1) await dataSource.undoLastMigration();
    }),
  );

export class SchemaTooOld extends Error {
  readonly startHint = 'Run `npm run migrate` with a DATABASE_URL of the administrator';

  constructor(missing: readonly string[]) {
    super(`The database lacks the migrations ${missing.join(', ')}`);
    this.name = 'SchemaTooOld';
  }
}

const exists = statement('schema.exists', `select to_regclass('${migrationsTable}') is not null as found`);
const applied = statement('schema.applied', `select name from ${migrationsTable}`);

const appliedNames = async (database: Database): Promise<Set<string>> => {
  const [row] = await database.query<{ found: boolean }>(exists);
  if (row?.found !== true) return new Set();
  return new Set((await database.query<{ name: string }>(applied)).map(({ name }) => name));
};

/**
 * A newer schema passes: a migration only adds, and what it replaces is dropped two versions later.
 * @throws SchemaTooOld, DatabaseUnavailable
 */
export const checkSchemaVersion = async (database: Database): Promise<void> => {
  const names = await appliedNames(database);
  const missing = migrations.map(({ name }) => name).filter((name) => !names.has(name));
  if (missing.length > 0) throw new SchemaTooOld(missing);
};
