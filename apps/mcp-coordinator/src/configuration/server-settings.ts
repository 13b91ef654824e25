// What the coordinator knows of a server of tools before it runs.
import type { ChildCommand } from '../protocol/child-transport.js';
import type { Era } from '../protocol/upstream-connection.js';

/** What a program needs to be found and to run; nothing else of the coordinator's environment reaches a server. */
export const passedOn: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ']);

/** What Pulser's own servers may reach, as the operator has it for tasks. */
export const reachNames: ReadonlySet<string> = new Set(['OUTGOING_PORTS', 'OUTGOING_ALLOW', 'OUTGOING_ORIGINS']);

/** How a server is reached. */
export type Launch =
  | { readonly kind: 'child'; readonly command: ChildCommand }
  | { readonly kind: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  /** One of Pulser's own, in this process. */
  | { readonly kind: 'in-process' };

/** What a tool may do: it decides who may call it, and whether persons are asked. What a server says of itself never counts. */
export type ToolFlag = 'read' | 'write' | 'destructive';

/** Which tools of a server are offered, and as what. Patterns have `*` for any characters. */
export interface ToolRules {
  /** Undefined: all of them. */
  readonly allow: readonly string[] | undefined;
  /** Names of tools to the names under which they are offered. */
  readonly rename: Readonly<Record<string, string>>;
  /** Patterns to flags, the first that fits counts; a tool that none fits is destructive. */
  readonly flags: Readonly<Record<string, ToolFlag>>;
  /** Agents that see them. */
  readonly view: readonly string[];
  /** Tenants whose credential the server has; undefined: of all, which may only read. */
  readonly tenants: readonly string[] | undefined;
}

export interface ServerSettings {
  readonly name: string;
  /** Comes with Pulser: it gets the variables of the caller, and its flags and views are those of the catalogue. */
  readonly isOwn: boolean;
  readonly launch: Launch;
  /** Why it is not started; undefined: it is. */
  readonly disabled: string | undefined;
  /** Undefined: it is found out at each start. */
  readonly era: Era | undefined;
  readonly rules: ToolRules;
}

export const noRules: ToolRules = { allow: undefined, rename: {}, flags: {}, view: [], tenants: undefined };

/** What a running server depends on: when it changes, the server is replaced. The rules are not part of it. */
export const startKeyOf = ({ launch, disabled, era }: ServerSettings): string =>
  JSON.stringify([launch, disabled ?? null, era ?? null]);

/** Shorter ones would hide words. */
const leastSecret = 6;

/** What the configuration gives a server to identify itself with: whole values, and what follows a scheme as in `Bearer x`. */
const secretsOf = ({ launch }: ServerSettings): string[] => {
  if (launch.kind === 'in-process') return [];
  const values =
    launch.kind === 'http'
      ? Object.values(launch.headers)
      : Object.entries(launch.command.env).flatMap(([name, value]) =>
          passedOn.has(name) || reachNames.has(name) ? [] : [value],
        );
  return values.flatMap((value) => [value, ...value.split(' ')]).filter(({ length }) => length >= leastSecret);
};

/** A text of a server, as it may be shown and logged. */
export const withoutSecrets = (settings: ServerSettings, text: string): string =>
  secretsOf(settings)
    .sort((one, other) => other.length - one.length)
    .reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
