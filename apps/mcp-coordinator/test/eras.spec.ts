// Each pair of old and new, in both directions: servers behind the coordinator here, clients before it in `door.e2e-spec.ts`.
import { createServer, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { createMcpHandler, McpServer as NewServer } from '@modelcontextprotocol/server';
import { McpServer as OldServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/client';
import { z } from 'zod';

import { noRules, type ServerSettings } from '../src/configuration/server-settings.js';
import { type Era, UpstreamConnection } from '../src/protocol/upstream-connection.js';
import { ChildGuard } from '../src/protocol/child-guard.js';
import { Launcher } from '../src/upstreams/launcher.js';
import { UpstreamRefused } from '../src/upstreams/upstream-errors.js';
import { child } from './upstreams-under-test.js';

const schemas = { a: z.number(), b: z.number() };
const sumOf = ({ a, b }: { a: number; b: number }) => ({
  content: [{ type: 'text' as const, text: String(a + b) }],
  structuredContent: { sum: a + b },
});
const failing = () => {
  throw new Error('as wanted');
};

const oldServer = (): OldServer => {
  const server = new OldServer({ name: 'old', version: '1.0.0' });
  server.registerTool('add', { inputSchema: schemas, outputSchema: { sum: z.number() } }, sumOf);
  server.registerTool('fail', {}, failing);
  return server;
};

const newServer = (): NewServer => {
  const server = new NewServer({ name: 'new', version: '1.0.0' });
  const inputSchema = z.object(schemas);
  server.registerTool('add', { inputSchema, outputSchema: z.object({ sum: z.number() }) }, sumOf);
  server.registerTool('fail', {}, failing);
  return server;
};

const oldOverHttp = (): HttpServer =>
  createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const transport = new StreamableHTTPServerTransport({});
      await oldServer().connect(transport);
      await transport.handleRequest(request, response);
    };
    void answer();
  });

const newOverHttp = (legacy: 'stateless' | 'reject'): HttpServer => {
  const { fetch } = createMcpHandler(newServer, { legacy });
  return createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const headers = new Headers(request.headers as Record<string, string>);
      const body = request.method === 'POST' ? { body: Buffer.concat(parts) } : {};
      const given = await fetch(new Request('http://localhost/', { method: request.method ?? '', headers, ...body }));
      response.writeHead(given.status, Object.fromEntries(given.headers));
      for await (const part of given.body ?? []) response.write(part);
      response.end();
    };
    void answer();
  });
};

describe('the port to servers', () => {
  const guard = new ChildGuard();
  const closing: (() => Promise<void>)[] = [];
  const inProcess = async (): Promise<Transport> => {
    const [client, server] = InMemoryTransport.createLinkedPair();
    await oldServer().connect(server);
    return client;
  };

  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });

  afterAll(() => {
    guard.close();
  });

  const connected = async (settings: ServerSettings, era: Era | undefined): Promise<UpstreamConnection> => {
    const { transport, kill } = await new Launcher(guard, inProcess, () => undefined).launch(settings);
    const nothing = (): void => undefined;
    const connection = await UpstreamConnection.open({
      ...{ server: settings.name, transport, era, signal: AbortSignal.timeout(60_000) },
      ...{ onToolsChanged: nothing, onClosed: nothing, onOddity: nothing },
    });
    closing.push(async () => {
      await connection.close();
      kill();
    });
    return connection;
  };

  const overHttp = async (server: HttpServer): Promise<ServerSettings> => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => {
      server.close();
      await once(server, 'close');
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    return { ...child('http', 'old'), launch: { kind: 'http', url, headers: {} } };
  };

  const own: ServerSettings = { ...child('own', 'old'), isOwn: true, launch: { kind: 'in-process' }, rules: noRules };

  it.each<[string, Era | undefined, Era, () => ServerSettings | Promise<ServerSettings>]>([
    ['an old server over pipes, whose revision is found out', undefined, 'legacy', () => child('one', 'old')],
    ['an old server over pipes', 'legacy', 'legacy', () => child('one', 'old')],
    ['a new server over pipes, whose revision is found out', undefined, 'modern', () => child('one', 'new')],
    ['a new server over pipes, as an old client', 'legacy', 'legacy', () => child('one', 'new')],
    ['a new server over pipes that takes no old clients', 'modern', 'modern', () => child('one', 'new', 'modern')],
    ['an old server over HTTP', undefined, 'legacy', () => overHttp(oldOverHttp())],
    ['a new server over HTTP', undefined, 'modern', () => overHttp(newOverHttp('stateless'))],
    ['a new server over HTTP, as an old client', 'legacy', 'legacy', () => overHttp(newOverHttp('stateless'))],
    ['a new server over HTTP that takes no old clients', 'modern', 'modern', () => overHttp(newOverHttp('reject'))],
    ['an old server in this process', 'legacy', 'legacy', () => own],
  ])('speaks with %s', async (_, era, spoken, settings) => {
    const connection = await connected(await settings(), era);
    expect(connection.era).toBe(spoken);
    expect(connection.revision).toBe(spoken === 'modern' ? '2026-07-28' : '2025-11-25');
    const signal = AbortSignal.timeout(60_000);
    const { tools } = await connection.listTools(signal);
    expect(tools.map(({ name }) => name).sort()).toEqual(['add', 'fail']);
    await connection.ping(30_000);
    const call = { signal, meta: {} };
    expect(await connection.callTool('add', { a: 2, b: 3 }, call)).toMatchObject({
      content: [{ type: 'text', text: '5' }],
      structuredContent: { sum: 5 },
      isError: false,
    });
    expect(await connection.callTool('fail', {}, call)).toMatchObject({ isError: true });
    expect(await refusal(connection.callTool('no_such_tool', {}, call))).toBe(true);
    expect(await refusal(connection.callTool('add', { a: 'x', b: 3 }, call))).toBe(true);
  });
});

/** Servers of either library refuse with a result that says so, or with an error of the protocol. */
const refusal = (call: Promise<{ isError: boolean }>): Promise<boolean> =>
  call.then(
    ({ isError }) => isError,
    (error: unknown) => error instanceof UpstreamRefused,
  );
