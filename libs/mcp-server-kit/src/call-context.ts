// What a running tool has of its caller: values of variables, a guarded fetch, a signal.
import type { OutgoingRoute, OutgoingRules } from '@pulser/outgoing/rules';

import type { CallMeta } from './call-meta.js';
import type { McpServerDefinition, ServerTool } from './definition.js';
import { ToolError } from './tool-error.js';

export interface ToolCallContext {
  /** Value of a variable of the caller's. @throws ToolError not_configured naming it */
  required(name: string): string;
  /** Value of a variable of the caller's; an empty one counts as none. */
  optional(name: string): string | undefined;
  /** As the global one, under the checks of `libs/outgoing`. A redirect is an answer; the call's signal ends every request. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Checked addresses of an http or https URL out of a variable, for clients that make connections of their own: connect to
   * these and to no other. @throws OutgoingRefused
   */
  route(url: string): Promise<OutgoingRoute>;
  /** Whether the operator set the variables: then they may lead into a private network, or to a socket. */
  readonly privateAddresses: boolean;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  progress(done: number, total?: number, message?: string): void;
  /** What the coordinator says of itself, for a tool that needs it. */
  readonly host: unknown;
  readonly tenant: string | undefined;
  /** The same for every repeat of one intended call. */
  readonly idempotencyKey: string | undefined;
}

/** What a server's process or its host gives to every call. */
export interface Hosting {
  /** Counts for calls that bring no variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly outgoing: OutgoingRules;
}

/** One request of the protocol. */
export interface IncomingCall {
  readonly meta: CallMeta;
  readonly signal: AbortSignal;
  readonly progress: ToolCallContext['progress'];
}

// `http://10.0.0.1:8069` of that address; `https://10.0.0.1:5432` of a data source name with another scheme.
const originOf = (value: string): string | undefined => {
  const url = URL.parse(value);
  if (url === null || url.host === '') return undefined;
  return /^https?:$/.test(url.protocol) ? url.origin : URL.parse(`https://${url.host}`)?.origin;
};

/** The variables of a call: those it brought, otherwise those of the server's own environment; only declared ones. */
export const variablesOf = (
  { variables }: Pick<McpServerDefinition, 'variables'>,
  meta: CallMeta,
  { environment }: Pick<Hosting, 'environment'>,
): ReadonlyMap<string, string> => {
  const given: Readonly<Record<string, string | undefined>> = meta.variables ?? environment;
  const entries = variables.map(({ name }) => [name, given[name]?.trim()] as const);
  return new Map(entries.filter((entry): entry is readonly [string, string] => Boolean(entry[1])));
};

/** The client of a call, loaded when the first one asks something: it takes 15 MB. */
const clientOf = (definition: McpServerDefinition, rules: OutgoingRules, origins: readonly string[]) => {
  const load = async () => {
    const { fetchOver, OutgoingClient } = await import('@pulser/outgoing/client');
    const ports = [...rules.ports, ...(definition.ports ?? [])];
    const client = new OutgoingClient({ ...rules, ports, origins: [...(rules.origins ?? []), ...origins] });
    return { client, fetch: fetchOver(client) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return () => (loaded ??= load());
};

// A URL out of a variable that is no URL itself, as in a kubeconfig: where the operator set it, it may be private too.
const operatorsClient = (
  definition: McpServerDefinition,
  rules: OutgoingRules,
  url: string,
): ReturnType<typeof clientOf> => {
  const origin = originOf(url);
  return clientOf(definition, rules, origin === undefined ? [] : [origin]);
};

const withSignal =
  (loaded: () => Promise<{ readonly fetch: typeof globalThis.fetch }>, signal: AbortSignal): typeof globalThis.fetch =>
  async (input, init = {}) => {
    const { fetch } = await loaded();
    return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal });
  };

const reader =
  (definition: McpServerDefinition, values: ReadonlyMap<string, string>) =>
  (name: string): string | undefined => {
    if (!definition.variables.some((variable) => variable.name === name))
      throw new TypeError(`${definition.name} does not declare the variable ${name}`);
    return values.get(name);
  };

const missing = (definition: McpServerDefinition, name: string): ToolError => {
  const { description } = definition.variables.find((variable) => variable.name === name) ?? { description: '' };
  return new ToolError('not_configured', `${name} is not set: ${description}`);
};

/** @param values of the caller's variables */
export const contextOf = (
  definition: McpServerDefinition,
  tool: Pick<ServerTool, 'needsHost'>,
  { meta, signal, progress }: IncomingCall,
  values: ReadonlyMap<string, string>,
  { outgoing }: Hosting,
): ToolCallContext => {
  const privateAddresses = meta.variables === undefined || meta.privateAddresses;
  const origins = privateAddresses ? [...values.values()].map(originOf).filter((origin) => origin !== undefined) : [];
  const client = clientOf(definition, outgoing, origins);
  const optional = reader(definition, values);
  return {
    optional,
    required: (name) => {
      const value = optional(name);
      if (value === undefined) throw missing(definition, name);
      return value;
    },
    fetch: withSignal(client, signal),
    route: async (url) => {
      const { client: loaded } = await (privateAddresses ? operatorsClient(definition, outgoing, url) : client)();
      return loaded.route(url);
    },
    ...{ privateAddresses, signal, progress },
    host: tool.needsHost ? meta.host : undefined,
    tenant: meta.tenant,
    idempotencyKey: meta.idempotencyKey,
  };
};
