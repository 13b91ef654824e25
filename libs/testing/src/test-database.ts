import { randomBytes } from 'node:crypto';

import pg from 'pg';

import { schemaTemplate } from './schema-template.js';
import { onServer, urlOf } from './test-server.js';

/** A database of its own on the test server. */
export interface TestDatabase {
  /** As the administrator when no role is given. */
  url(role?: 'pulser_app' | 'pulser_service'): string;
  /** Runs SQL as the administrator, whom no policy binds. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

const newName = (): string => `pulser_test_${randomBytes(6).toString('hex')}`;

/** An empty database without Pulser's schema. */
export const emptyDatabase = async (): Promise<TestDatabase> => {
  const name = newName();
  await onServer((client) => client.query(`create database ${name}`));
  return handleOf(name);
};

/** A database with a schema. @param migrate brings the database at a URL to it */
export const testDatabase = async (migrate: (url: string) => Promise<unknown>): Promise<TestDatabase> => {
  const [name, template] = [newName(), await schemaTemplate(migrate)];
  await onServer((client) => client.query(`create database ${name} template ${template}`));
  return handleOf(name);
};

const handleOf = (name: string): TestDatabase => {
  const pool = new pg.Pool({ connectionString: urlOf(name), max: 2 });
  // Dropping the database ends connections that are still being closed.
  pool.on('error', () => undefined);
  return {
    url: (role) => urlOf(name, role),
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(text, values)).rows,
    drop: async () => {
      await pool.end();
      await onServer((client) => client.query(`drop database ${name} with (force)`));
    },
  };
};
