// A server of the library of the revision 2025-11-25 that changes something outside, without a key that would protect it: each
// call adds a line to a file. Arguments: its name, the file, and milliseconds before and after an effect.
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const [, , name, file, ms] = process.argv;
const write = (line) => appendFileSync(file, `${JSON.stringify({ server: name, pid: process.pid, ...line })}\n`);

const server = new McpServer({ name, version: '1.0.0' });
const answer = (ref) => ({ content: [{ type: 'text', text: ref }] });
server.registerTool('apply', { description: 'Has an effect.', inputSchema: { ref: z.string() } }, async ({ ref }) => {
  await wait(Number(ms));
  write({ ref });
  await wait(Number(ms));
  return answer(ref);
});
server.registerTool('look', { description: 'Has none.', inputSchema: { ref: z.string() } }, ({ ref }) => answer(ref));
process.stdin.on('end', () => process.exit(0));
await server.connect(new StdioServerTransport());
write({});
