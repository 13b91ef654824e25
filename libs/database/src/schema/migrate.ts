// The schema of a database: bring it to this build's version, go back, and check it when a service starts.
import { migrations } from '@pulser/migrations';
import { DataSource } from 'typeorm';

import { connectTimeoutMs, type Database, translateError } from '../connection/database.js';
import { statement } from '../connection/transactions.js';

const migrationsTable = 'pulser_migration';

/** How long a migration waits for one lock, while services wait behind it; and how often it is tried. */
const lockTimeoutMs = 3_000;
const lockTries = 20;

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
    // Whatever asks for the table that a migration waits for waits behind it: better that the migration gives up.
    await dataSource.query(`set lock_timeout = '${lockTimeoutMs}ms'`);
    return await work();
  } finally {
    await dataSource.query(`select pg_advisory_unlock(hashtext('pulser.migrate'))`);
  }
};

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const lockNotAvailable = '55P03';

const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error && Reflect.get(error, 'code') === lockNotAvailable;

/** Each try begins after the last migration that was committed. */
const tried = async <T>(work: () => Promise<T>, tries = lockTries): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (tries <= 1 || !isLockTimeout(error)) throw error;
    return tried(work, tries - 1);
  }
};

const exists = statement('schema.exists', `select to_regclass('${migrationsTable}') is not null as found`);
const applied = statement('schema.applied', `select name from ${migrationsTable}`);

const namesIn = async (dataSource: DataSource): Promise<Set<string>> => {
  const [row] = await dataSource.query<{ found: boolean }[]>(exists.text);
  if (row?.found !== true) return new Set();
  return new Set((await dataSource.query<{ name: string }[]>(applied.text)).map(({ name }) => name));
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
      const before = await namesIn(dataSource);
      await tried(() => dataSource.runMigrations());
      await dataSource.query(`grant select on ${migrationsTable} to pulser_app, pulser_service`);
      const after = await namesIn(dataSource);
      return migrations.map(({ name }) => name).filter((name) => after.has(name) && !before.has(name));
    }),
  );

/** Undoes the newest migrations, `steps` of them. @param url as for `migrateUp` @throws DatabaseUnavailable */
export const migrateDown = (url: string, steps: number): Promise<void> =>
  connected(url, (dataSource) =>
    locked(dataSource, async () => {
      for (let step = 0; step < steps; step += 1) await tried(() => dataSource.undoLastMigration());
    }),
  );

/** The pools of all services together are larger than the server lets them be. */
export class TooFewConnections extends Error {
  constructor(wanted: number, allowed: number) {
    super(
      `The services may open ${wanted} connections (DATABASE_CONNECTIONS), and the server has ${allowed} for them: ` +
        'raise its max_connections, or lower DATABASE_POOL_MAX or the number of instances',
    );
    this.name = 'TooFewConnections';
  }
}

// PostgreSQL before 16 reserves connections for superusers alone.
const allowedConnections = `
  select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) as allowed`;

/** @param wanted connections that all services may open together @throws TooFewConnections, DatabaseUnavailable */
export const checkConnections = (url: string, wanted: number): Promise<void> =>
  connected(url, async (dataSource) => {
    const [row] = await dataSource.query<{ allowed: number }[]>(allowedConnections);
    if (row !== undefined && row.allowed < wanted) throw new TooFewConnections(wanted, row.allowed);
  });

export class SchemaTooOld extends Error {
  readonly startHint = 'Run `npm run migrate` with a DATABASE_URL of the administrator';

  constructor(missing: readonly string[]) {
    super(`The database lacks the migrations ${missing.join(', ')}`);
    this.name = 'SchemaTooOld';
  }
}

export class SchemaTooNew extends Error {
  readonly startHint = 'Deploy the release that the database was migrated for, or a later one';

  constructor(floor: string) {
    super(`The database is for services that know its migration ${floor} or later ones`);
    this.name = 'SchemaTooNew';
  }
}

const floorVersion = statement('schema.floor', 'select version from pulser.schema_floor');

const appliedNames = async (database: Database): Promise<Set<string>> => {
  const [row] = await database.query<{ found: boolean }>(exists);
  if (row?.found !== true) return new Set();
  return new Set((await database.query<{ name: string }>(applied)).map(({ name }) => name));
};

/** The number at the end of the newest migration's name. */
const newestVersion = Math.max(...migrations.map(({ name }) => Number(/\d+$/.exec(name)?.[0])));

/**
 * A newer schema passes: a migration only adds. One that removes what an earlier release read raises the floor, below
 * which services refuse to work (decision 43).
 * @throws SchemaTooOld, SchemaTooNew, DatabaseUnavailable
 */
export const checkSchemaVersion = async (database: Database): Promise<void> => {
  const names = await appliedNames(database);
  const missing = migrations.map(({ name }) => name).filter((name) => !names.has(name));
  if (missing.length > 0) throw new SchemaTooOld(missing);
  const [floor] = await database.query<{ version: string }>(floorVersion);
  if (floor !== undefined && Number(floor.version) > newestVersion) throw new SchemaTooNew(floor.version);
};
