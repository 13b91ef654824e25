// `keys`: API keys of any tenant, and those of the installation. Unlike over REST, the last key of an administrator can be revoked here.
import {
  Agents,
  type InstallationGrant,
  InstallationKeys,
  type KeyGrant,
  type TenantKey,
  TenantKeys,
  Tenants,
} from '@pulser/context-bus';
import { CreateKey, InstallationRole, RoleName, RotateKey } from '@pulser/contracts';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

import { addCommand, type AddCommands, harmless, operator, UsageError, uuid, withDatabase } from '../command.js';

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
  readonly taskTypes?: string;
  readonly tools?: string;
  readonly expiresIn?: string;
}

/** Options by the fields of the schemas that REST checks too. */
const optionOf: Readonly<Record<string, string>> = {
  name: '--name',
  role: '--role',
  allowed_task_types: '--task-types',
  tools: '--tools',
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
  const { name, role, taskTypes: types, tools, expiresIn: life } = options;
  const order = checked(CreateKey, {
    name,
    role,
    allowed_task_types: types?.split(',').map((type) => type.trim()),
    tools: tools?.split(',').map((pattern) => pattern.trim()),
    expires_in_s: life === undefined ? undefined : secondsIn('--expires-in', life),
  });
  return {
    name: order.name,
    role: order.role,
    allowedTaskTypes: order.allowed_task_types ?? null,
    tools: order.tools ?? null,
    expiresInS: order.expires_in_s ?? null,
  };
};

const day = (moment: Date | null, otherwise: string): string => moment?.toISOString().slice(0, 16) ?? otherwise;

type Shown = Pick<TenantKey, 'keyId' | 'prefix' | 'name' | 'role' | 'state' | 'expiresAt' | 'lastUsedAt'>;

const parts = ({ keyId, prefix, name, role, ...key }: Shown, types?: string): string =>
  [
    ...[keyId, `${prefix}...`, harmless(name), role],
    ...(types === undefined ? [] : [types]),
    ...[key.state, `expires ${day(key.expiresAt, 'never')}`, `used ${day(key.lastUsedAt, 'never')}`],
  ].join('  ');

/** A key on one line. */
export const keyLine = (key: TenantKey): string => parts(key, key.allowedTaskTypes?.join(',') ?? 'every type');

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

type WorkForAll = (keys: InstallationKeys) => Promise<string>;

const listAll: WorkForAll = async (keys) => (await keys.list()).map((key) => parts(key)).join('\n') || 'There are none';

/** What a key of the installation is for. @throws UsageError */
export const grantForAll = ({ name, role, taskTypes, expiresIn }: KeyOptions): InstallationGrant => {
  if (taskTypes !== undefined) throw new UsageError('--task-types: a key of the installation submits no tasks');
  const grant = grantOf({ name, role, ...(expiresIn !== undefined && { expiresIn }) });
  return { name: grant.name, role: checked(OfInstallation, { role }).role, expiresInS: grant.expiresInS };
};

const OfInstallation = z.object({ role: InstallationRole });

const createForAll = (values: KeyOptions): WorkForAll => {
  const grant = grantForAll(values);
  return async (keys) => (await keys.create(operator('keys create'), grant)).key;
};

const revokeForAll =
  (keyId: string): WorkForAll =>
  async (keys) => {
    const key = await keys.revoke(operator('keys revoke'), keyId);
    if (key === undefined) throw new UsageError('The installation has no valid key of this id');
    return `Revoked ${key.keyId}`;
  };

const onInstallation = (work: WorkForAll): Promise<string> =>
  withDatabase((database) => work(new InstallationKeys(database)));

const keyIdOf = (text: string): string => {
  if (uuid.test(text)) return text;
  throw new InvalidArgumentError('It is the id of a key, as `keys list` shows it.');
};

const onKeys = (tenantOf: TenantOf, work: Work): Promise<string> =>
  withDatabase(async (database) => {
    const tenantId = await tenantOf(new Tenants(database));
    if (tenantId === undefined) throw new UsageError('There is no tenant of this name');
    return work(new TenantKeys(database), tenantId, new Agents(database));
  });

const existing =
  (tenant: string): TenantOf =>
  (all) =>
    all.find(tenant);

interface Whose {
  readonly tenant?: string;
  readonly installation?: true;
}

/** The keys of the installation, when those are meant; else the name of the tenant. @throws UsageError for both or none */
const tenantIn = ({ tenant, installation }: Whose): string | undefined => {
  if ((tenant === undefined) === (installation === undefined))
    throw new UsageError('Either --tenant <name> or --installation');
  return tenant;
};

export const addKeys: AddCommands = (parent, print) => {
  const keys = parent.command('keys').description('API keys of any tenant, and those of the installation.');
  const add = (verb: string, what: string, example: string) =>
    addCommand(keys, verb, what, `keys ${example}`)
      .usage(`[options] --tenant <name> | --installation`)
      .option('--tenant <name>', 'whose keys')
      .option('--installation', 'keys of operators, for what all tenants share');
  add('list', 'the keys of a tenant or of the installation, the newest first', 'list --tenant acme').action(
    async (whose: Whose) => {
      const tenant = tenantIn(whose);
      print(await (tenant === undefined ? onInstallation(listAll) : onKeys(existing(tenant), list)));
    },
  );
  add(
    'create',
    'make a key, and its tenant when there is none; prints the key, this once',
    'create --tenant acme --name ci --role operator --expires-in 30d',
  )
    .option('--name <text>', 'what it is for', 'cli')
    .option(
      '--role <role>',
      `what it may do: ${RoleName.options.join(', ')}; for --installation ${InstallationRole.options.join(', ')}`,
      'admin',
    )
    .option('--task-types <type,...>', 'only tasks of these types, comma separated; every type without it')
    .option('--tools <pattern,...>', 'tools of MCP servers, such as read,github__*; those that only read without it')
    .option('--expires-in <span>', 'how long it is valid: 90s, 15m, 12h, 30d, up to 3650d; until revoked without it')
    .action(async ({ tenant: name, installation, ...options }: Whose & KeyOptions) => {
      const tenant = tenantIn({ ...(name !== undefined && { tenant: name }), ...(installation && { installation }) });
      if (tenant === undefined) {
        print(await onInstallation(createForAll(options)));
        return;
      }
      // Checked before a tenant is made for it.
      const work = create(options);
      print(await onKeys((all) => all.ensure(tenant), work));
    });
  addCommand(
    keys,
    'rotate',
    'replace a key; prints the new one, this once',
    'keys rotate --tenant acme <key id> --overlap 12h',
  )
    .requiredOption('--tenant <name>', 'whose keys')
    .argument('<key id>', 'id of the key, as `keys list` shows it', keyIdOf)
    .option('--overlap <span>', 'how long the old key stays valid: 0s, 15m, 12h, up to 30d', '1d')
    .action(async (keyId: string, { tenant, overlap }: { readonly tenant: string; readonly overlap: string }) => {
      print(await onKeys(existing(tenant), rotate(keyId, overlap)));
    });
  add('revoke', 'end a key at once, the last one of an administrator too', 'revoke --tenant acme <key id>')
    .argument('<key id>', 'id of the key, as `keys list` shows it', keyIdOf)
    .action(async (keyId: string, whose: Whose) => {
      const tenant = tenantIn(whose);
      print(
        await (tenant === undefined ? onInstallation(revokeForAll(keyId)) : onKeys(existing(tenant), revoke(keyId))),
      );
    });
};
