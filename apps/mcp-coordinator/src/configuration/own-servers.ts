// Pulser's own MCP servers: how each is started, and how it is opened in this process.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Transport } from '@modelcontextprotocol/client';
import { connectInProcess, type McpServerDefinition } from '@pulser/mcp-server-kit';
import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/rules';
import { mcpServerNames } from '@pulser/roster';

import { minimalEnvironment, type Variables } from './servers-file.policy.js';
import { type Launch, noRules, reachNames, type ServerSettings } from './server-settings.js';

export type OwnServersMode = 'stdio' | 'in-process' | 'off';

const packageOf = (server: string): string => `@pulser/mcp-${server}`;

/** @returns undefined when it is not installed */
const programOf = (server: string): string | undefined => {
  try {
    const index = fileURLToPath(import.meta.resolve(packageOf(server)));
    return join(dirname(dirname(index)), 'dist/main.js');
  } catch {
    return undefined;
  }
};

// A server takes some 40 MB; without bounds Node would let it grow to several times of that before it collects garbage.
const memoryFlags = ['--max-semi-space-size=1', '--max-old-space-size=256', '--heap-growing-percent=30'];

/** Where a server may go beyond public addresses at the usual ports. */
const reachIn = (variables: Variables): Record<string, string> =>
  Object.fromEntries(
    [...reachNames].flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])),
  );

const launchOf = (server: string, mode: OwnServersMode, variables: Variables): Launch | undefined => {
  const program = programOf(server);
  if (program === undefined) return undefined;
  if (mode !== 'stdio') return { kind: 'in-process' };
  // Of its own variables it has none: what a call needs comes with the call.
  const env = { ...minimalEnvironment(variables), ...reachIn(variables) };
  const command = { command: process.execPath, args: [...memoryFlags, program], cwd: undefined, env };
  return { kind: 'child', command };
};

/** Settings of Pulser's own servers, those that are installed. */
export const ownServers = (mode: OwnServersMode, variables: Variables): ServerSettings[] =>
  mcpServerNames.flatMap((name) => {
    const launch = launchOf(name, mode, variables);
    if (launch === undefined) return [];
    const disabled = mode === 'off' ? 'by MCP_SERVERS_MODE' : undefined;
    return [{ name, isOwn: true, launch, disabled, era: 'legacy', rules: noRules }];
  });

const isDefinition = (value: unknown, server: string): value is McpServerDefinition =>
  typeof value === 'object' && value !== null && 'tools' in value && 'name' in value && value.name === server;

/**
 * @param variables of the operator
 * @throws Error when the package exports no such server
 */
export const openOwnServer = async (server: string, variables: Variables = {}): Promise<Transport> => {
  const exported = (await import(packageOf(server))) as Record<string, unknown>;
  const definition = Object.values(exported).find((value) => isDefinition(value, server));
  if (definition === undefined) throw new Error(`${packageOf(server)} exports no server ${server}`);
  // The two libraries describe the same transport.
  return connectInProcess(definition, { outgoing: outgoingRulesOf(parseOutgoingEnv(reachIn(variables))) });
};
