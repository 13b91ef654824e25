import { parseArgs } from 'node:util';

import { TenantKeys, Tenants } from '@pulser/context-bus';
import { checkSchemaVersion } from '@pulser/database';

import type { CliEnv } from '../cli.env.js';
import { operator } from '../operator.js';
import { type Command, UsageError } from './command.js';
import { keyLine } from './key-line.policy.js';
import { grantOf, type KeyOptions, overlapOf } from './key-options.policy.js';
import { withDatabase } from './with-database.js';

const usage =
  'keys create --tenant <name> [--name <name>] [--role <role>] [--task-types <type,...>] [--expires-in 30d] | ' +
  'list --tenant <name> | rotate --tenant <name> <key id> [--overlap 1d] | revoke --tenant <name> <key id>   ' +
  'API keys; a new one is printed this once';

const text = { type: 'string' } as const;

const options = {
  tenant: text,
  name: { ...text, default: 'cli' },
  role: { ...text, default: 'admin' },
  'task-types': text,
  'expires-in': text,
  overlap: { ...text, default: '1d' },
} as const;

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

type Work = (keys: TenantKeys, tenantId: string) => Promise<string>;
type TenantOf = (tenants: Tenants) => Promise<string | undefined>;

const list: Work = async (keys, tenantId) => (await keys.list(tenantId)).map(keyLine).join('\n') || 'There are none';

const create = (values: KeyOptions): Work => {
  const grant = grantOf(values);
  return async (keys, tenantId) => (await keys.create(tenantId, operator('keys create'), grant)).key;
};

const found = <T>(key: T | undefined): T => {
  if (key === undefined) throw new UsageError('The tenant has no valid key of this id');
  return key;
};

const rotate = (keyId: string, overlap: string): Work => {
  const overlapS = overlapOf(overlap);
  return async (keys, tenantId) => found(await keys.rotate(tenantId, operator('keys rotate'), keyId, overlapS)).key;
};

const revoke =
  (keyId: string): Work =>
  async (keys, tenantId) =>
    `Revoked ${found(await keys.revoke(tenantId, operator('keys revoke'), keyId, true)).keyId}`;

const workOf = ([order, ...ids]: readonly string[], values: KeyOptions & { overlap: string }): Work => {
  const [keyId] = ids;
  if (order === 'create' && keyId === undefined) return create(values);
  if (order === 'list' && keyId === undefined) return list;
  if (keyId === undefined || ids.length > 1 || !uuid.test(keyId)) throw new UsageError(`Usage: ${usage}`);
  if (order === 'rotate') return rotate(keyId, values.overlap);
  if (order === 'revoke') return revoke(keyId);
  throw new UsageError(`Usage: ${usage}`);
};

const onKeys = (env: CliEnv, tenantOf: TenantOf, work: Work): Promise<string> =>
  withDatabase(env, async (database) => {
    await checkSchemaVersion(database);
    const tenantId = await tenantOf(new Tenants(database));
    if (tenantId === undefined) throw new UsageError('There is no tenant of this name');
    return work(new TenantKeys(database), tenantId);
  });

/** Keys of any tenant. Unlike over REST, the last one of an administrator can be revoked. */
export const keys: Command = {
  usage,
  run: (args, env) => {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    const { tenant } = values;
    if (tenant === undefined) throw new UsageError('keys needs a --tenant');
    const work = workOf(positionals, values);
    // Whoever makes a key makes its tenant too.
    return onKeys(env, (all) => (positionals[0] === 'create' ? all.ensure(tenant) : all.find(tenant)), work);
  },
};
