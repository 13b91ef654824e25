// A server of the library of the revision 2026-07-28; with the argument `modern` it refuses clients of older ones.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const legacy = process.argv[2] === 'modern' ? 'reject' : 'serve';
serveStdio(
  () => {
    const server = new McpServer({ name: 'new', version: '1.0.0' });
    server.registerTool(
      'add',
      {
        description: 'Adds.',
        inputSchema: z.object({ a: z.number(), b: z.number() }),
        outputSchema: z.object({ sum: z.number() }),
      },
      ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }], structuredContent: { sum: a + b } }),
    );
    server.registerTool('fail', { description: 'Fails.', inputSchema: z.object({}) }, () => {
      throw new Error('as wanted');
    });
    return server;
  },
  { legacy },
);
process.stdin.on('end', () => process.exit(0));
