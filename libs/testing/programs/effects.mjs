// A server of the library of the revision 2025-11-25 that changes something outside, without a key that would protect it: each
// call adds a line to a file. Arguments: its name, the file, and milliseconds before and after an effect.
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const [, , name, file, ms] = process.argv;
const own = { server: name, pid: process.pid, coordinator: process.ppid };
const write = (line) => appendFileSync(file, `${JSON.stringify({ ...own, at: Date.now(), ...line })}\n`);

const server = new McpServer({ name, version: '1.0.0' });
const answer = (ref) => ({ content: [{ type: 'text', text: ref }] });
const inputSchema = { ref: z.string() };
const changing =
  (tool) =>
  async ({ ref }) => {
    await wait(Number(ms));
    write({ tool, ref });
    await wait(Number(ms));
    return answer(ref);
  };
server.registerTool('apply', { description: 'Has an effect.', inputSchema }, changing('apply'));
server.registerTool('destroy', { description: 'Has an effect for good.', inputSchema }, changing('destroy'));
server.registerTool('look', { description: 'Has none.', inputSchema }, ({ ref }) => {
  write({ tool: 'look', ref });
  return answer(ref);
});
process.stdin.on('end', () => process.exit(0));
await server.connect(new StdioServerTransport());
write({});
