// A server of the library of the revision 2025-11-25.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'old', version: '1.0.0' });
server.registerTool(
  'add',
  { description: 'Adds.', inputSchema: { a: z.number(), b: z.number() }, outputSchema: { sum: z.number() } },
  ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }], structuredContent: { sum: a + b } }),
);
server.registerTool('fail', { description: 'Fails.', inputSchema: {} }, () => {
  throw new Error('as wanted');
});
process.stdin.on('end', () => process.exit(0));
await server.connect(new StdioServerTransport());
