// `keys`: API keys of any tenant. Unlike over REST, the last key of an administrator can be revoked here.
import { parseArgs } from 'node:util';

import { Agents, type KeyGrant, type TenantKey, TenantKeys, Tenants } from '@pulser/context-bus';
import { CreateKey, RotateKey } from '@pulser/contracts';
import type { z } from 'zod';

import { type CliEnv, type Command, operator, UsageError, uuid, withDatabase } from '../command.js';

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

const secondsByUnit = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

const isUnit = (unit: string): unit is keyof typeof secondsByUnit => Object.hasOwn(secondsByUnit, unit);

const tenYearsS = 3_650 * secondsByUnit.d;

/** Seconds of a time span like `90s`, `15m`, `12h` or `30d`, up to ten years; undefined for anything else. */
export const secondsOf = (text: string): number | undefined => {
  const [, amount = '', unit = ''] = /^(\d{1,9})([a-z])$/.exec(text) ?? [];
  if (!isUnit(unit)) return undefined;
  const span = Number(amount) * secondsByUnit[unit];
  return span <= tenYearsS ? span : undefined;
};

/** What may follow `keys create`. */
export interface KeyOptions {
  readonly name: string;
  readonly role: string;
  readonly 'task-types'?: string | undefined;
  readonly 'expires-in'?: string | undefined;
}

/** Options by the fields of the schemas that REST checks too. */
const optionOf: Readonly<Record<string, string>> = {
  name: '--name',
  role: '--role',
  allowed_task_types: '--task-types',
  expires_in_s: '--expires-in',
  overlap_s: '--overlap',
};

const checked = <S extends z.ZodType>(schema: S, order: object): z.output<S> => {
  const parsed = schema.safeParse(order);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${optionOf[String(path[0])]}: ${message}`);
  throw new UsageError(issues.join('; '));
};

const secondsIn = (option: string, text: string): number => {
  const seconds = secondsOf(text);
  if (seconds !== undefined) return seconds;
  throw new UsageError(`${option} is a time span like 90s, 15m, 12h or 30d, not "${text}"`);
};

/** Seconds for which a replaced key stays valid. @throws UsageError */
export const overlapOf = (text: string): number =>
  checked(RotateKey, { overlap_s: secondsIn('--overlap', text) }).overlap_s;

/** What the key is for. @throws UsageError */
export const grantOf = (options: KeyOptions): KeyGrant => {
  const { name, role, 'task-types': types, 'expires-in': life } = options;
  const order = checked(CreateKey, {
    name,
    role,
    allowed_task_types: types?.split(',').map((type) => type.trim()),
    expires_in_s: life === undefined ? undefined : secondsIn('--expires-in', life),
  });
  return {
    name: order.name,
    role: order.role,
    allowedTaskTypes: order.allowed_task_types ?? null,
    expiresInS: order.expires_in_s ?? null,
  };
};

const day = (moment: Date | null, otherwise: string): string => moment?.toISOString().slice(0, 16) ?? otherwise;

/** A key on one line. */
const keyLine = ({ keyId, prefix, name, role, ...key }: TenantKey): string =>
  [
    keyId,
    `${prefix}...`,
    name,
    role,
    key.allowedTaskTypes?.join(',') ?? 'every type',
    key.state,
    `expires ${day(key.expiresAt, 'never')}`,
    `used ${day(key.lastUsedAt, 'never')}`,
  ].join('  ');

type Work = (keys: TenantKeys, tenantId: string, agents: Agents) => Promise<string>;
type TenantOf = (tenants: Tenants) => Promise<string | undefined>;

const list: Work = async (keys, tenantId) => (await keys.list(tenantId)).map(keyLine).join('\n') || 'There are none';

const create = (values: KeyOptions): Work => {
  const grant = grantOf(values);
  return async (keys, tenantId, agents) => {
    const [unknown] = await agents.unknownTypes(grant.allowedTaskTypes ?? []);
    if (unknown !== undefined) throw new UsageError(`--task-types: there is no task type "${unknown}"`);
    return (await keys.create(tenantId, operator('keys create'), grant)).key;
  };
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
    const tenantId = await tenantOf(new Tenants(database));
    if (tenantId === undefined) throw new UsageError('There is no tenant of this name');
    return work(new TenantKeys(database), tenantId, new Agents(database));
  });

export const keys: Command = {
  usage,
  run: (args, env) => {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    const { tenant } = values;
    if (tenant === undefined) throw new UsageError('keys needs a --tenant');
    const work = workOf(positionals, values);
    // A key is created together with its tenant, when there is none of the name.
    return onKeys(env, (all) => (positionals[0] === 'create' ? all.ensure(tenant) : all.find(tenant)), work);
  },
};
