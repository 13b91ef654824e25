import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { onServer, urlOf } from './test-server.js';

type Migrate = (url: string) => Promise<unknown>;

const migrations = fileURLToPath(new URL('../../../migrations/src', import.meta.url));

/** Changes with everything that the schema is made of. */
const fingerprint = (): string => {
  const hash = createHash('sha256');
  const entries = readdirSync(migrations, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  for (const file of files.sort()) hash.update(file.slice(migrations.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
};

const made = new Map<Migrate, Promise<string>>();

/**
 * Name of a database with the schema, which is made once for all tests of the server: a copy of it takes a tenth of the
 * time of a migration.
 */
export const schemaTemplate = (migrate: Migrate): Promise<string> => {
  const known = made.get(migrate);
  if (known !== undefined) return known;
  const template = ensure(`pulser_template_${fingerprint()}`, migrate);
  made.set(migrate, template);
  return template;
};

// Marked as a template only when it is complete. The lock is the session's: other processes wait, and then find it.
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
