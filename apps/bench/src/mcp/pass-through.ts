// What one writes with the SDK alone to have several servers behind one address: no keys, views, checks, limits, or audit. Its
// server and its client are those of the coordinator.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';

const program = fileURLToPath(new URL('echo-server.js', import.meta.url));

const connected = async (name: string): Promise<readonly [string, Client]> => {
  const client = new Client({ name: 'pass-through', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [program] }));
  return [name, client];
};

const names = process.argv.slice(2);
const clients = new Map(await Promise.all(names.map(connected)));

const clientOf = (tool: string): Client => {
  const client = clients.get(tool.slice(0, tool.indexOf('__')));
  if (client === undefined) throw new Error(`Unknown tool: ${tool}`);
  return client;
};

const handler = createMcpHandler(() => {
  // As in the coordinator: these tools bring JSON Schemas.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is for "advanced use cases", as this one
  const server = new Server({ name: 'pass-through', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', async () => {
    const lists = await Promise.all(
      [...clients].map(async ([name, client]) =>
        (await client.listTools()).tools.map((tool) => ({ ...tool, name: `${name}__${tool.name}` })),
      ),
    );
    return { tools: lists.flat() };
  });
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const name = params.name.slice(params.name.indexOf('__') + 2);
    return clientOf(params.name).callTool(
      { name, arguments: params.arguments ?? {} },
      { signal: mcpReq.signal, toolDefinition: { name, inputSchema: { type: 'object' } } },
    );
  });
  return server;
});

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url === '/health') {
    response.end('{}');
    return;
  }
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as [string, string]] : [],
  );
  const body = await bodyOf(request);
  const url = `http://${request.headers.host ?? ''}${request.url ?? ''}`;
  const answered = await handler.fetch(new Request(url, { method: 'POST', headers, body }));
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
};

createServer((request, response) => void answer(request, response)).listen(
  Number(process.env['PORT']),
  process.env['HOST'],
);
process.once('SIGTERM', () => process.exit(0));
