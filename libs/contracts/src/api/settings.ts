// The settings of a tenant: which there are, and what each may be.
import { z } from 'zod';

import { plainText } from '../json.js';
import { McpVariables, PersonTools, ToolApprovals } from './mcp.js';
import { TenantBudgets, TenantModels } from './models.js';

const wildcard = '*.';

// Labels of a name or an IPv4 address, or an IPv6 address.
const shape = /^(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/;

// As a URL has it: other spellings of an address (127.1, 0x7f.0.0.1) would never match what is asked for.
const isHost = (host: string): boolean => shape.test(host) && URL.parse(`http://${host}/`)?.host === host;

const isHostPattern = (text: string): boolean => {
  if (!text.startsWith(wildcard)) return isHost(text);
  const domain = text.slice(wildcard.length);
  return domain.includes('.') && !/^[\d.]+$/.test(domain) && isHost(domain);
};

const hostText =
  'A host as URLs spell it, in small letters and without a port: `api.example.com`, `192.0.2.7`, `[2001:db8::1]`, ' +
  'or `*.example.com` for all names below a domain';

/** A host that tasks may ask, and how. */
export const AllowedHost = z
  .strictObject({
    host: z.string().min(1).max(255).refine(isHostPattern, hostText).meta({ description: hostText }),
    ports: z
      .array(z.int().min(1).max(65_535))
      .min(1)
      .max(20)
      .optional()
      .meta({ description: 'Without: 443 of https and 80 of http' }),
    schemes: z
      .array(z.enum(['http', 'https']))
      .min(1)
      .max(2)
      .optional()
      .meta({ description: 'Without: both' }),
    load_test: z
      .boolean()
      .optional()
      .meta({ description: 'Whether load tests may be run against it; the host must agree too' }),
  })
  .meta({ id: 'AllowedHost' });
export type AllowedHost = z.infer<typeof AllowedHost>;

const isOf = ({ host, ports, schemes }: AllowedHost, { protocol, host: asked, hostname, port }: URL): boolean => {
  const named = host.startsWith(wildcard)
    ? hostname.endsWith(host.slice(1)) && hostname.length > host.length - 1
    : hostname === host;
  if (!named || asked === '') return false;
  const scheme = protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') return false;
  if (schemes !== undefined && !schemes.includes(scheme)) return false;
  const usual = scheme === 'https' ? 443 : 80;
  return (ports ?? [usual]).includes(port === '' ? usual : Number(port));
};

/** The entry that allows a URL; undefined: none does. Says nothing of private addresses. */
export const allowedHostOf = (url: URL, hosts: readonly AllowedHost[]): AllowedHost | undefined =>
  hosts.find((allowed) => isOf(allowed, url));

export const AllowedHosts = z.array(AllowedHost).max(200);
export type AllowedHosts = z.infer<typeof AllowedHosts>;

export const maxTaskLabels = 8;

const LabelKey = plainText(64).regex(/^[^\s:][^:]*$/, 'Must not be empty, begin with a space or have a colon');

/** Keys of the metadata of tasks by whose values tasks are found. */
export const TaskLabels = z
  .array(LabelKey)
  .max(maxTaskLabels)
  .refine((keys) => new Set(keys).size === keys.length, 'No key twice');
export type TaskLabels = z.infer<typeof TaskLabels>;

/** Every setting there is. A new one is a row here. */
export const settings = {
  'allowed-hosts': {
    value: AllowedHosts,
    description: 'Hosts that tasks of the type `testing` may ask. Without it they may ask none.',
  },
  'task-labels': {
    value: TaskLabels,
    description:
      'Members of `metadata` that are labels: up to 8 keys. Tasks submitted from then on are listed with them and found by ' +
      'them, where they are texts of 1 to 200 characters, numbers or booleans.',
  },
  models: {
    value: TenantModels,
    description:
      'A server of language models of your own, and the models that agents ask there. Without it agents ask what the ' +
      'installation has configured, if anything.',
  },
  'mcp-variables': {
    value: McpVariables,
    description:
      'What MCP servers need of the tenant and is no secret, such as a URL or the name of a database. Secrets are stored as ' +
      'secrets: `mcp-<server>-<variable>`.',
  },
  'tool-approvals': {
    value: ToolApprovals,
    description:
      'Which calls of tools persons approve first, the first rule that fits; where none does: those that destroy, cost ' +
      'money or run code. `notify` of the rule names the destinations that are told of a call outside a task; a task has ' +
      'its own.',
  },
  'person-tools': {
    value: PersonTools,
    description:
      'Which tools of MCP servers persons of the identity provider may call, by their role: patterns as of a key. A role ' +
      'may what roles below it may; where neither is named, the tools that only read. Keys have `tools` of their own.',
  },
  budgets: {
    value: TenantBudgets,
    description:
      'Lower limits than those of the installation for what is spent on models: of a task, of a task with all that came of it, and of a day (UTC).',
  },
} as const satisfies Record<string, { readonly value: z.ZodType; readonly description: string }>;
export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as readonly SettingName[];

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settings, name);

const described = settingNames.map((name) => `- \`${name}\`: ${settings[name].description}`).join('\n');

/** The names in a path, with what each is for. */
export const settingsText = `The setting\n${described}`;

/** A new value. It is checked by the schema of the setting that the path names. */
export const SettingOrder = z
  .strictObject({ value: z.union(settingNames.map((name) => settings[name].value)) })
  .meta({ id: 'SettingOrder' });
export type SettingOrder = z.infer<typeof SettingOrder>;

export const Setting = z
  .object({
    name: z.string(),
    value: z.unknown(),
    version: z.int().meta({ description: 'Counts the changes since the setting was made' }),
    etag: z.string().meta({ description: 'For If-Match, as the header ETag has it' }),
    updated_at: z.iso.datetime(),
    updated_by: z.string().meta({ description: 'Name of the key or person' }),
  })
  .meta({ id: 'Setting' });
export type Setting = z.infer<typeof Setting>;

export const SettingList = z.object({ settings: z.array(Setting) }).meta({ id: 'SettingList' });
export type SettingList = z.infer<typeof SettingList>;
