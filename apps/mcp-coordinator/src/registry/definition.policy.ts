// The definition of a tool, as a server lists it, to what the coordinator keeps of it.
import { createHash } from 'node:crypto';

import { needsHostKey, variablesKey } from '@pulser/mcp-server-kit';
import { exposedToolName, mcpCatalogue, type McpToolRow } from '@pulser/roster';
import { z } from 'zod';

import type { ServerSettings, ToolFlag, ToolRules } from '../configuration/server-settings.js';
import type { RawTool } from '../protocol/upstream-connection.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is decided about a tool, whatever its server says. */
export interface ToolRights {
  readonly flag: ToolFlag;
  /** Whether persons approve a call, unless a tenant's policy says otherwise. */
  readonly needsApproval: boolean;
  /** An argument that, when it is true, makes a call change nothing: such a call needs no approval. */
  readonly trialArgument?: string | undefined;
  /** Agents that see it; `pulser` sees every tool. */
  readonly agents: readonly string[];
}

export interface ToolVariable {
  readonly name: string;
  readonly secret: boolean;
  /** Without it no tool of the server works. */
  readonly required: boolean;
  readonly description?: string | undefined;
  readonly example?: string | undefined;
}

/** A tool as it is offered. */
export interface RegisteredTool extends ToolRights {
  readonly server: string;
  /** As its server calls it. */
  readonly tool: string;
  /** As agents and clients call it. */
  readonly exposedName: string;
  /** Of a server that comes with Pulser. */
  readonly isOwn: boolean;
  /** Whether a repeat of the same call changes nothing more. */
  readonly isIdempotent: boolean;
  /** Of an attached server: the tenants whose credential it has; undefined: of all, which may only read. */
  readonly tenants: readonly string[] | undefined;
  /** What a call may have to bring, of one of Pulser's own servers. */
  readonly variables: readonly ToolVariable[];
  /** Whether it is told what the coordinator says of itself. */
  readonly needsHost: boolean;
  readonly title: string | undefined;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema | undefined;
  /** As it came. */
  readonly definition: RawTool;
  /** SHA-256 of the definition: whatever is compiled of it may be kept by this. */
  readonly pin: string;
  /** Its definition is not approved: it is neither listed nor called. */
  readonly isQuarantined: boolean;
  readonly warnings: readonly string[];
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
};

/** SHA-256 of a definition, whatever the order of its members. */
export const digestOf = (definition: RawTool): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(definition)))
    .digest('hex');

/** Whether a name fits a pattern with `*` for any characters. */
export const fits = (pattern: string, name: string): boolean => {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    if (index === rest.length - 1) return name.length - part.length >= at && name.endsWith(part);
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return parts.length > 1 || name.length === first.length;
};

const rowOf = new Map<string, McpToolRow>(mcpCatalogue.map((row) => [row.exposedName, row]));

/** Of a tool that nobody has classified persons approve every call. */
const attachedRights = (tool: string, { flags, view }: ToolRules): ToolRights => {
  const flag = Object.entries(flags).find(([pattern]) => fits(pattern, tool))?.[1] ?? 'destructive';
  return { flag, needsApproval: flag === 'destructive', agents: view };
};

/** @returns undefined for a tool of Pulser's own that the catalogue does not know */
const rightsOf = ({ name, isOwn, rules }: ServerSettings, tool: string): ToolRights | undefined => {
  if (!isOwn) return attachedRights(tool, rules);
  const row = rowOf.get(exposedToolName(name, tool));
  return row && { flag: row.flag, needsApproval: row.approval, trialArgument: row.trialArgument, agents: row.agents };
};

const maxNameCharacters = 64;

/** Models take names of these characters only. */
const offeredName = (server: string, tool: string, { rename }: ToolRules): string =>
  exposedToolName(server, rename[tool] ?? tool.replaceAll(/[^A-Za-z0-9_-]/g, '_'));

const isAllowed = ({ allow }: ToolRules, tool: string): boolean =>
  allow === undefined || allow.some((pattern) => fits(pattern, tool));

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const schemaOf = (value: unknown): JsonSchema | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;

/** What is known of a tool before its pin. */
export type OfferedTool = Omit<RegisteredTool, 'isQuarantined' | 'warnings' | 'pin'>;

const Variables = z.array(
  z.object({
    name: z.string(),
    secret: z.boolean().default(true),
    required: z.boolean().default(false),
    description: z.string().optional(),
    example: z.string().optional(),
  }),
);

/** What a list of tools says of its server: see `variablesKey`. Only Pulser's own are believed. */
export const variablesIn = (meta: unknown): readonly ToolVariable[] =>
  z.object({ [variablesKey]: Variables }).safeParse(meta).data?.[variablesKey] ?? [];

const isTrue = (value: unknown, member: string): boolean =>
  typeof value === 'object' && value !== null && (value as JsonSchema)[member] === true;

/** @returns undefined when the tool is not to be offered, whatever its definition */
export const offered = (
  settings: ServerSettings,
  definition: RawTool,
  variables: readonly ToolVariable[],
): OfferedTool | undefined => {
  const { name: server, isOwn, rules } = settings;
  const tool = definition.name;
  const rights = isAllowed(rules, tool) ? rightsOf(settings, tool) : undefined;
  const exposedName = offeredName(server, tool, rules);
  if (rights === undefined || exposedName.length > maxNameCharacters) return undefined;
  return {
    ...{ server, tool, exposedName, isOwn, definition, ...rights },
    isIdempotent: rights.flag === 'read' || (isOwn && isTrue(definition['annotations'], 'idempotentHint')),
    tenants: rules.tenants,
    variables: isOwn ? variables : [],
    needsHost: isOwn && isTrue(definition['_meta'], needsHostKey),
    title: textOf(definition['title']),
    description: textOf(definition['description']) ?? '',
    inputSchema: schemaOf(definition['inputSchema']) ?? { type: 'object' },
    outputSchema: schemaOf(definition['outputSchema']),
  };
};
