// A server in the process of its client, without a pipe or a port.
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/rules';

import type { Hosting } from './call-context.js';
import type { McpServerDefinition } from './definition.js';
import { protocolServer } from './protocol-server.js';

/**
 * The client's end of a connection to a new server. Calls that bring no variables have those of `environment`: of the host's
 * own environment the server sees nothing.
 */
export const connectInProcess = async (
  definition: McpServerDefinition,
  { environment = {}, outgoing = outgoingRulesOf(parseOutgoingEnv({})) }: Partial<Hosting> = {},
): Promise<InMemoryTransport> => {
  const [client, server] = InMemoryTransport.createLinkedPair();
  await protocolServer(definition, { environment, outgoing }).connect(server);
  return client;
};
