import { randomBytes } from 'node:crypto';

import pg from 'pg';

/** A migrated database of its own on the test server. */
export interface TestDatabase {
  /** As the administrator when no role is given. */
  url(role?: 'pulser_app' | 'pulser_service'): string;
  /** Runs SQL as the administrator, whom no policy binds. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

const serverUrl = (): URL => {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL is not set: run the tests through `npm test`');
  return new URL(url);
};

const onServer = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: serverUrl().href });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

const urlOf = (name: string, role?: string): string => {
  const url = serverUrl();
  url.pathname = `/${name}`;
  if (role !== undefined) url.username = role;
  return url.href;
};

/** An empty database without Pulser's schema. */
export const emptyDatabase = async (): Promise<TestDatabase> => {
  const name = `pulser_test_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  const pool = new pg.Pool({ connectionString: urlOf(name), max: 2 });
  // Dropping the database ends connections that are still being closed.
  pool.on('error', () => undefined);
  return {
    url: (role) => urlOf(name, role),
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(text, values)).rows,
    drop: async () => {
      await pool.end();
      await onServer(`drop database ${name} with (force)`);
    },
  };
};

/** A database with a schema. @param migrate brings the database at a URL to it */
export const testDatabase = async (migrate: (url: string) => Promise<unknown>): Promise<TestDatabase> => {
  const database = await emptyDatabase();
  await migrate(database.url());
  return database;
};
