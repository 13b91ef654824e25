// A server of tools over stdio, as most servers in the field are: SDK 1.x, one tool that answers what it gets.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'echo', version: '1.0.0' });
server.registerTool(
  'echo',
  {
    description: 'Answers what it gets',
    inputSchema: { text: z.string().max(1_000) },
    outputSchema: { text: z.string() },
    annotations: { readOnlyHint: true },
  },
  ({ text }) => ({ content: [{ type: 'text', text }], structuredContent: { text } }),
);
process.stdin.on('end', () => process.exit(0));
await server.connect(new StdioServerTransport());
