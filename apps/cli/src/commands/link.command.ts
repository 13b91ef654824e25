// `link`: a link that opens the page on this machine, logged in. It can be used once, within five minutes.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { ApiKeys, LoginCodes, loginLink, TenantKeys, Tenants } from '@pulser/context-bus';
import { announcedApi, type Database } from '@pulser/database';
import { isLoopback } from '@pulser/service-kit';
import { InvalidArgumentError } from 'commander';

import { addCommand, type AddCommands, CliEnv, operator, UsageError, uuid, withDatabase } from '../command.js';

interface Options {
  readonly tenant?: string;
  readonly key?: string;
  readonly url?: string;
}

interface Holder {
  readonly tenantId: string;
  readonly keyId: string;
}

const usualUrl = 'http://127.0.0.1:8000';

const nameAnother = 'name a key with --tenant and --key';

const keyFileIn = (folder: string): string => {
  try {
    return readFileSync(join(folder, 'api-key'), 'utf8').trim();
  } catch (cause) {
    throw new UsageError(`there is no key in ${folder}: ${nameAnother}`, { cause });
  }
};

/** The key that `npm start` made. */
const ownKey = async (database: Database, folder: string): Promise<Holder> => {
  const principal = await new ApiKeys(database).find(keyFileIn(folder));
  if (principal?.tenantId === undefined || principal.keyId === undefined)
    throw new UsageError(`the key in ${folder} is not valid any more: ${nameAnother}`);
  return { tenantId: principal.tenantId, keyId: principal.keyId };
};

const namedKey = async (database: Database, tenant: string, keyId: string): Promise<Holder> => {
  const tenantId = await new Tenants(database).find(tenant);
  const key = tenantId === undefined ? undefined : await new TenantKeys(database).find(tenantId, keyId);
  if (tenantId === undefined || key?.state !== 'active') throw new UsageError('The tenant has no valid key of this id');
  return { tenantId, keyId };
};

const holderOf = (database: Database, { tenant, key }: Options, env: CliEnv): Promise<Holder> => {
  if (tenant !== undefined && key !== undefined) return namedKey(database, tenant, key);
  if (tenant !== undefined || key !== undefined) throw new UsageError('--tenant and --key go together');
  if (env.DATABASE_URL !== undefined) throw new UsageError(`the services have no key of this machine: ${nameAnother}`);
  return ownKey(database, resolve(env.PULSER_DATA_DIR));
};

const link = async (options: Options): Promise<string> => {
  const env = CliEnv.read();
  return withDatabase(async (database) => {
    const { tenantId, keyId } = await holderOf(database, options, env);
    const announced = env.DATABASE_URL === undefined ? announcedApi(resolve(env.PULSER_DATA_DIR)) : undefined;
    const code = await new LoginCodes(database).create(tenantId, operator('link'), keyId);
    return loginLink(options.url ?? announced ?? usualUrl, code);
  });
};

const urlOf = (text: string): string => {
  const url = URL.parse(text);
  if (url !== null && isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))) return url.origin;
  throw new InvalidArgumentError('It is where the API listens on this machine, such as http://127.0.0.1:8000.');
};

const keyIdOf = (text: string): string => {
  if (uuid.test(text)) return text;
  throw new InvalidArgumentError('It is the id of a key, as `keys list` shows it.');
};

export const addLink: AddCommands = (parent, print) => {
  addCommand(
    parent,
    'link',
    'print a link that opens the page on this machine, logged in: once, within 5 minutes',
    'link',
  )
    .option('--tenant <name>', 'with --key: whose key to log in with; the key of `npm start` without them')
    .option('--key <key id>', 'id of the key, as `keys list` shows it', keyIdOf)
    .option('--url <url>', 'where the API listens on this machine', urlOf)
    .action(async (options: Options) => {
      print(await link(options));
    });
};
