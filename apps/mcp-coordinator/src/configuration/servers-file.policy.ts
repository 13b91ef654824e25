// The configuration file of servers of tools, in the format that VS Code and Claude share, to settings.
// https://code.visualstudio.com/docs/copilot/reference/mcp-configuration
import { z } from 'zod';

import { type Launch, noRules, passedOn, type ServerSettings, type ToolRules } from './server-settings.js';

const Texts = z.record(z.string(), z.string());
const Flag = z.enum(['read', 'write', 'destructive']);

/** What only Pulser knows of a server. */
const Rules = z.strictObject({
  allow: z.array(z.string()).optional(),
  rename: z.record(z.string(), z.string().regex(/^[A-Za-z0-9_-]{1,48}$/)).default({}),
  flags: z.record(z.string(), Flag).default({}),
  view: z.array(z.string()).default([]),
  tenants: z.array(z.uuid()).optional(),
  protocol: z.enum(['auto', '2025-11-25', '2026-07-28']).default('auto'),
});

const Entry = z.looseObject({
  type: z.enum(['stdio', 'http', 'streamable-http']).optional(),
  command: z.string().optional(),
  args: z.array(z.string()).default([]),
  env: Texts.default({}),
  cwd: z.string().optional(),
  url: z.url({ protocol: /^https?$/ }).optional(),
  headers: Texts.default({}),
  disabled: z.boolean().default(false),
  pulser: Rules.prefault({}),
});
type Entry = z.infer<typeof Entry>;

/** VS Code calls the member `servers`. */
const ServersFile = z.looseObject({
  mcpServers: z.record(z.string(), z.unknown()).optional(),
  servers: z.record(z.string(), z.unknown()).optional(),
});

/** The file cannot be read as one of servers: what was configured before stays. */
export class ServersFileUnreadable extends Error {
  override readonly name = 'ServersFileUnreadable';
}

const serverName = /^[a-z0-9][a-z0-9-]{0,23}$/;
const reference = /\$\{env:(\w+)\}/g;

class MissingVariable extends Error {}

export type Variables = Readonly<Record<string, string | undefined>>;

const filled = (text: string, variables: Variables): string =>
  text.replaceAll(reference, (_, name: string) => {
    const value = variables[name];
    if (value === undefined || value === '') throw new MissingVariable(`the variable ${name} is not set`);
    return value;
  });

const filledAll = (texts: Readonly<Record<string, string>>, variables: Variables): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, filled(text, variables)]));

export const minimalEnvironment = (variables: Variables): Record<string, string> =>
  Object.fromEntries([...passedOn].flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])));

const launchOf = (entry: Entry, variables: Variables): Launch | undefined => {
  if (entry.url !== undefined)
    return { kind: 'http', url: filled(entry.url, variables), headers: filledAll(entry.headers, variables) };
  if (entry.command === undefined) return undefined;
  return {
    kind: 'child',
    command: {
      command: filled(entry.command, variables),
      args: entry.args.map((arg) => filled(arg, variables)),
      cwd: entry.cwd === undefined ? undefined : filled(entry.cwd, variables),
      env: { ...minimalEnvironment(variables), ...filledAll(entry.env, variables) },
    },
  };
};

const rulesOf = ({ pulser }: Entry): ToolRules => ({
  allow: pulser.allow,
  rename: pulser.rename,
  flags: pulser.flags,
  view: pulser.view,
  tenants: pulser.tenants,
});

const eras = { auto: undefined, '2025-11-25': 'legacy', '2026-07-28': 'modern' } as const;

/** Something is wrong with one entry: its server is shown as disabled, with the reason; the others are not concerned. */
const broken = (name: string, reason: string): ServerSettings => ({
  name,
  isOwn: false,
  launch: { kind: 'in-process' },
  disabled: reason,
  era: undefined,
  rules: noRules,
});

const problemOf = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ');

const attached = (name: string, entry: Entry, variables: Variables): ServerSettings => {
  try {
    const launch = launchOf(entry, variables);
    if (launch === undefined) return broken(name, 'it has neither a command nor a url');
    const disabled = entry.disabled ? 'by the configuration' : undefined;
    return { name, isOwn: false, launch, disabled, era: eras[entry.pulser.protocol], rules: rulesOf(entry) };
  } catch (error) {
    if (error instanceof MissingVariable) return broken(name, error.message);
    throw error;
  }
};

/** An entry of the name of one of Pulser's own servers may switch it off or narrow it, not replace its program. */
const ownWith = (own: ServerSettings, entry: Entry): ServerSettings => ({
  ...own,
  disabled: entry.disabled ? 'by the configuration' : own.disabled,
  rules: { ...own.rules, allow: entry.pulser.allow },
});

const settingsOf = (
  name: string,
  value: unknown,
  own: ServerSettings | undefined,
  variables: Variables,
): ServerSettings => {
  const parsed = Entry.safeParse(value);
  if (own !== undefined) {
    const isReplaced = parsed.data?.command !== undefined || parsed.data?.url !== undefined;
    if (!parsed.success) return { ...own, disabled: `the configuration is wrong: ${problemOf(parsed.error)}` };
    return isReplaced ? { ...own, disabled: 'the configuration gives it another program' } : ownWith(own, parsed.data);
  }
  if (!serverName.test(name)) return broken(name, 'its name must have 1 to 24 of a-z, 0-9 and "-"');
  if (!parsed.success) return broken(name, `the configuration is wrong: ${problemOf(parsed.error)}`);
  return attached(name, parsed.data, variables);
};

/**
 * All servers: Pulser's own, and those that the file attaches.
 * @param text of the file; undefined: there is none
 * @throws ServersFileUnreadable
 */
export const serversOf = (
  text: string | undefined,
  own: readonly ServerSettings[],
  variables: Variables,
): ServerSettings[] => {
  const entries = text === undefined ? {} : entriesOf(text);
  const byName = new Map(own.map((settings) => [settings.name, settings]));
  for (const [name, value] of Object.entries(entries))
    byName.set(name, settingsOf(name, value, byName.get(name), variables));
  return [...byName.values()];
};

const entriesOf = (text: string): Record<string, unknown> => {
  try {
    const { mcpServers, servers } = ServersFile.parse(JSON.parse(text));
    return { ...servers, ...mcpServers };
  } catch (error) {
    throw new ServersFileUnreadable('it is no JSON with a member "mcpServers" or "servers"', { cause: error });
  }
};
