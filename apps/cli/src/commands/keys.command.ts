import { parseArgs } from 'node:util';

import { ApiKeys, newApiKey, Tenants } from '@pulser/context-bus';
import { checkSchemaVersion, type Database } from '@pulser/database';

import { type Command, UsageError } from './command.js';
import { withDatabase } from './with-database.js';

const create = async (tenant: string, name: string, database: Database): Promise<string> => {
  await checkSchemaVersion(database);
  const key = newApiKey();
  await new ApiKeys(database).create(await new Tenants(database).ensure(tenant), name, key);
  return key;
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
