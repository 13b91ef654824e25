import { parseArgs } from 'node:util';

import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { checkSchemaVersion, Database } from '@pulser/database';

import type { CliEnv } from '../cli.env.js';
import { type Command, UsageError } from './command.js';

const create = async (tenant: string, name: string, database: Database): Promise<string> => {
  await checkSchemaVersion(database);
  const key = newApiKey();
  await new ApiKeys(database).create(await new Tenants(database).ensure(tenant), name, key);
  return key;
};

const withDatabase = async <T>(
  { DATABASE_URL, DATABASE_PREPARE }: CliEnv,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  const database = new Database({
    settings: { DATABASE_URL, DATABASE_PREPARE, DATABASE_POOL_MAX: 1 },
    applicationName: 'pulser-cli',
    synchronousCommit: 'on',
    entities: [],
    // The command fails on its next statement, which tells it.
    onIdleError: () => undefined,
  });
  await database.connect();
  return work(database).finally(() => database.close());
};

export const keys: Command = {
  usage: 'keys create --tenant <name> [--name <name>]   make an API key and print it, this once',
  run: async (args, env) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { tenant: { type: 'string' }, name: { type: 'string', default: 'cli' } },
    });
    const { tenant, name } = values;
    if (positionals[0] !== 'create' || tenant === undefined) throw new UsageError('keys create needs a --tenant');
    return withDatabase(env, (database) => create(tenant, name, database));
  },
};
