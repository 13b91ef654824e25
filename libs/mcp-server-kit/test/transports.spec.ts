import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { serveHttp } from '../src/index.js';
import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/rules';

import { sampleServer } from './sample-server.js';

const program = fileURLToPath(new URL('fixtures/stdio-server.mjs', import.meta.url));
const hosting = { environment: { SAMPLE_TOKEN: 'abcdefgh' }, outgoing: outgoingRulesOf(parseOutgoingEnv({})) };

const exitOf = (child: ChildProcessWithoutNullStreams): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', resolve));

describe('a server on stdin and stdout', () => {
  it('answers and reports progress, whatever its libraries print', async () => {
    const client = new Client({ name: 'spec', version: '1.0.0' });
    const env = { NOISY_TOKEN: 'abc' };
    const transport = new StdioClientTransport({ command: process.execPath, args: [program], env, stderr: 'pipe' });
    await client.connect(transport);
    try {
      const steps: unknown[] = [];
      const answer = await client.callTool({ name: 'shout', arguments: { text: 'hi' } }, undefined, {
        onprogress: (step) => {
          steps.push(step);
          void client.callTool({ name: 'release' });
        },
      });
      expect(answer.structuredContent).toEqual({ text: 'hi', token: '3 characters' });
      expect(steps).toEqual([{ progress: 1, total: 2, message: 'half' }]);
    } finally {
      await client.close();
    }
  });

  it('exits when stdin ends, although it has something left to do', async () => {
    const child = spawn(process.execPath, [program]);
    const exit = exitOf(child);
    child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdin.end();
    expect(await exit).toBe(0);
  });

  it('exits when a message is longer than 10 MB', async () => {
    const child = spawn(process.execPath, [program]);
    const exit = exitOf(child);
    child.stdin.on('error', () => undefined);
    child.stdin.write('x'.repeat(11 * 1024 * 1024));
    expect(await exit).toBe(0);
  });
});

describe('a server over HTTP', () => {
  it('answers who has the token, and no page of another name', async () => {
    const server = await serveHttp(sampleServer().definition, hosting, { port: 0, token: 'let-me-in' });
    const ask = (headers: Record<string, string>) => fetch(server.url, { method: 'POST', headers, body: '{}' });
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: 'Bearer other' })).status).toBe(401);
    const get = await fetch(server.url, { headers: { authorization: 'Bearer let-me-in' } });
    expect(get.status).toBe(405);
    const client = new Client({ name: 'spec', version: '1.0.0' });
    const requestInit = { headers: { authorization: 'Bearer let-me-in' } };
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
    const answer = await client.callTool({ name: 'order', arguments: { article: 'chair', kind: 'new' } });
    expect(answer.structuredContent).toEqual({ number: 1 });
    await client.close();
    await server.close();
  });

  it('does not start without a token where others can connect', async () => {
    const start = serveHttp(sampleServer().definition, hosting, { port: 0, host: '0.0.0.0' });
    await expect(start).rejects.toThrow('MCP_HTTP_TOKEN is needed');
  });
});
