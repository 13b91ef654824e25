// The state of all MCP servers, as the coordinator knows it.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

const ServerStatus = z.object({
  name: z.string(),
  state: z.enum(['idle', 'starting', 'ready', 'degraded', 'backing-off', 'disabled']),
  tools: z.number().int().describe('Tools that it offers now'),
  breaker: z.enum(['closed', 'half-open', 'open']),
  last_error: z.string().nullable(),
});

/** What the coordinator sends along as `host`. */
const Host = z.object({ servers: z.array(ServerStatus) });
export type McpEcosystem = z.infer<typeof Host>;

const Summary = z.object({
  servers: z.number().int(),
  ready: z.number().int(),
  tools: z.number().int(),
});

export const ecosystemTools = [
  defineTool({
    name: 'get_mcp_ecosystem_status',
    title: 'State of all MCP servers',
    description:
      'Live state, tool count, circuit breaker and last error of every MCP server that the coordinator runs. Ask it first when a tool answers server_unavailable.',
    flag: 'read',
    openWorld: false,
    needsHost: true,
    input: z.object({ server: z.string().optional().describe('Only this one, by its name') }),
    output: z.object({ summary: Summary, servers: z.array(ServerStatus) }),
    examples: [{ arguments: {} }, { arguments: { server: 'github' } }],
    run: ({ server }, { host }) => {
      const known = Host.safeParse(host);
      if (!known.success)
        throw new ToolError('not_configured', 'The MCP coordinator alone knows this: the call did not come through it');
      const { servers } = known.data;
      const wanted = server === undefined ? servers : servers.filter(({ name }) => name === server);
      if (server !== undefined && wanted.length === 0) throw new ToolError('not_found', `There is no server ${server}`);
      const summary = {
        servers: servers.length,
        ready: servers.filter(({ state }) => state === 'ready').length,
        tools: servers.reduce((sum, { tools }) => sum + tools, 0),
      };
      return Promise.resolve({ summary, servers: wanted });
    },
  }),
] as const;
