// Databases of the test server: empty, or copied from a template that holds the schema.
import { randomBytes, createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

/** A new database on the test server. */
export interface TestDatabase {
  /** As the administrator when no role is given. */
  url(role?: 'pulser_app' | 'pulser_service' | 'pulser_mcp'): string;
  /** Runs SQL as the administrator, to whom no row-level policy applies. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

const newName = (): string => `pulser_test_${randomBytes(6).toString('hex')}`;

/** An empty database without Pulser's schema. */
export const emptyDatabase = (): Promise<TestDatabase> => copyOf('template1');

/** A database with a schema. @param migrate brings the database at a URL to it */
export const testDatabase = async (migrate: (url: string) => Promise<unknown>): Promise<TestDatabase> =>
  copyOf(await schemaTemplate(migrate));

const copyOf = async (template: string): Promise<TestDatabase> => {
  const name = newName();
  await onServer(async (client) =>
    client.query(`create database ${name} template ${template} strategy ${await strategyOn(client)}`),
  );
  return handleOf(name);
};

// To copy the files takes a fourth of the processor time of writing all pages to the log, but waits for two checkpoints: much
// on a server that waits for its disk.
const strategyOn = async (client: pg.Client): Promise<'file_copy' | 'wal_log'> => {
  const { rows } = await client.query<{ fsync: string }>('show fsync');
  return rows[0]?.fsync === 'off' ? 'file_copy' : 'wal_log';
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

type Migrate = (url: string) => Promise<unknown>;

const migrations = fileURLToPath(new URL('../../../migrations/src', import.meta.url));

/** A hash of all migrations: it changes with the schema. */
const fingerprint = (): string => {
  const hash = createHash('sha256');
  const entries = readdirSync(migrations, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  for (const file of files.sort()) hash.update(file.slice(migrations.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
};

const made = new Map<Migrate, Promise<string>>();

/**
 * Name of a template database with the schema, made once per server and schema: copying it takes a tenth of the time of a
 * migration.
 */
const schemaTemplate = (migrate: Migrate): Promise<string> => {
  const known = made.get(migrate);
  if (known !== undefined) return known;
  const template = ensure(`pulser_template_${fingerprint()}`, migrate);
  made.set(migrate, template);
  return template;
};

// Marked as a template only when it is complete. The session holds the lock: other processes wait, then find the template.
const ensure = (name: string, migrate: Migrate): Promise<string> =>
  onServer(async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('pulser test template'))`);
    const { rows } = await client.query('select 1 from pg_database where datname = $1 and datistemplate', [name]);
    if (rows.length > 0) return name;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
    await migrate(urlOf(name));
    await client.query(`alter database ${name} with is_template true allow_connections false`);
    return name;
  });

const serverUrl = (): URL => {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL is not set: run the tests through `npm test`');
  return new URL(url);
};

/** Runs `work` as the administrator on a new connection to the test server. */
const onServer = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: serverUrl().href });
  await client.connect();
  return work(client).finally(() => client.end());
};

/** URL of a database of the test server. */
const urlOf = (name: string, role?: string): string => {
  const url = serverUrl();
  url.pathname = `/${name}`;
  if (role !== undefined) url.username = role;
  return url.href;
};
