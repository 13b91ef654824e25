import { randomBytes } from 'node:crypto';

import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { type Database, migrateUp } from '@pulser/database';

import { administer } from './administer.js';
import { openAsAdministrator } from './open-as-administrator.js';
import type { Tenant } from './tenant.js';

export interface MigratedDatabase {
  /** As the administrator. */
  readonly url: string;
  readonly database: Database;
  readonly tenants: readonly Tenant[];
  /** Closes the pool and deletes the database. */
  drop(): Promise<void>;
}

export interface MigratedDatabaseOptions {
  readonly serverUrl: string;
  /** Its name begins with this; the rest is random. */
  readonly prefix: string;
  readonly tenants: readonly string[];
}

const connections = 6;

const make = async (database: Database, name: string): Promise<Tenant> => {
  const key = newApiKey();
  const id = await new Tenants(database).ensure(name);
  await new ApiKeys(database).create(id, 'harness', key);
  return { name, id, key };
};

/** A database with Pulser's schema, tenants and their keys. */
export const makeMigratedDatabase = async (options: MigratedDatabaseOptions): Promise<MigratedDatabase> => {
  const { serverUrl, prefix } = options;
  const name = `${prefix}_${randomBytes(4).toString('hex')}`;
  await administer(serverUrl, [`create database ${name}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrateUp(url.href);
  const database = await openAsAdministrator(url.href, connections, prefix);
  const tenants: Tenant[] = [];
  for (const tenant of options.tenants) tenants.push(await make(database, tenant));
  const drop = async (): Promise<void> => {
    await database.close();
    await administer(serverUrl, [`drop database ${name} with (force)`]);
  };
  return { url: url.href, database, tenants, drop };
};
