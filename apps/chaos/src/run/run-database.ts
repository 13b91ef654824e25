import { randomBytes } from 'node:crypto';

import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { type Database, migrateUp, statement } from '@pulser/database';

import type { Tenant } from '../load/tenant.js';
import { openOutside } from '../outside/open-outside.js';
import { outsideSchema } from '../outside/outside.js';

const tenantNames = ['acme', 'globex', 'initech'] as const;

const old = statement('chaos.old', `select datname from pg_database where datname like 'chaos_run_%'`);

const administer = async (url: string, sql: readonly string[]): Promise<void> => {
  const database = await openOutside(url, 1);
  for (const text of sql) await database.query({ name: text.slice(0, 40), text });
  await database.close();
};

const dropOld = async (url: string): Promise<void> => {
  const database = await openOutside(url, 1);
  const rows = await database.query<{ datname: string }>(old);
  await database.close();
  await administer(
    url,
    rows.map(({ datname }) => `drop database ${datname} with (force)`),
  );
};

const tenants = async (database: Database): Promise<Tenant[]> => {
  const made: Tenant[] = [];
  for (const name of tenantNames) {
    const key = newApiKey();
    const id = await new Tenants(database).ensure(name);
    await new ApiKeys(database).create(id, 'chaos', key);
    made.push({ name, id, key });
  }
  return made;
};

export interface RunDatabase {
  /** As the administrator. */
  readonly url: string;
  readonly database: Database;
  readonly tenants: readonly Tenant[];
}

/** A migrated database for one run, with tenants, their keys and the system outside; those of earlier runs go. */
export const makeRunDatabase = async (serverUrl: string): Promise<RunDatabase> => {
  await dropOld(serverUrl);
  const name = `chaos_run_${randomBytes(4).toString('hex')}`;
  await administer(serverUrl, [`create database ${name}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrateUp(url.href);
  await administer(url.href, outsideSchema);
  const database = await openOutside(url.href, 6);
  return { url: url.href, database, tenants: await tenants(database) };
};
