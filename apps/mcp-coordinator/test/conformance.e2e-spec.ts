// The conformance suite of the protocol, both revisions, through `/mcp` with a server behind it that has the suite's tools.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { CoordinatorUnderTest } from './coordinator-under-test.js';
import { programOf } from './upstreams-under-test.js';

const suite = join(
  dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json'))),
  'dist/index.js',
);

const calls = ['simple-text', 'image', 'audio', 'embedded-resource', 'mixed-content', 'error', 'with-progress'];
const ofBoth = [
  ...['tools-list', ...calls.map((name) => `tools-call-${name}`)],
  ...['server-sse-multiple-streams', 'dns-rebinding-protection'],
];

/**
 * Scenarios of what `/mcp` offers: tools, without sessions. It declares no resources, prompts, completions or logs, and hands no
 * question of a server on to the client, so that the scenarios of those do not apply.
 */
const scenarios = {
  '2025-11-25': ['server-initialize', 'ping', ...ofBoth],
  '2026-07-28': ['server-stateless', 'caching', 'http-header-validation', ...ofBoth],
} as const;
type Revision = keyof typeof scenarios;

/** Checks within them that are about something that is not offered. */
const notOffered = new Set([
  ...['prompts-list', 'resources-list', 'resources-templates-list'].map((list) => `sep-2549-${list}-caching-hints`),
  // They need a tool that asks its client.
  'sep-2575-server-rejects-undeclared-capability',
  'sep-2575-missing-capability-http-400',
  'sep-2575-http-server-no-independent-requests-on-stream',
]);

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
}

const prefix = 'suite__';
const named = /"name":\s*"(test_[a-z_]+)"/g;

describe('the conformance suite', () => {
  let under: CoordinatorUnderTest;
  let proxy: Server;
  let url: string;
  let folder: string;

  beforeAll(async () => {
    const suiteServer = { command: process.execPath, args: [programOf('conformance')] };
    under = await CoordinatorUnderTest.start({ suite: { ...suiteServer, pulser: { flags: { '*': 'read' } } } });
    await under.offers(`${prefix}test_simple_text`);
    folder = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));
    const key = await under.key();
    // The suite shows no key, and knows its tools by the names that their server has for them.
    proxy = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString().replaceAll(named, `"name":"${prefix}$1"`);
        const { 'mcp-name': name } = request.headers;
        const headers = Object.fromEntries(
          Object.entries(request.headers).filter(([header]) => header !== 'content-length'),
        );
        const shown = typeof name === 'string' ? { 'mcp-name': name.replace(/^(?=test_)/, prefix) } : {};
        const passed = ask(
          under.url,
          { method: request.method ?? 'GET', headers: { ...headers, ...shown, authorization: `Bearer ${key}` } },
          (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
          },
        );
        response.on('close', () => passed.destroy());
        passed.on('error', () => response.destroy());
        passed.end(body);
      });
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`;
  });

  afterAll(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await under.close();
    rmSync(folder, { recursive: true });
  });

  /** The checks of each scenario that a revision requires. */
  const run = async (revision: Revision): Promise<Map<string, Check[]>> => {
    const results = join(folder, revision);
    const args = ['server', '--url', url, '--requirements', revision, '-o', results];
    const process_ = spawn(process.execPath, [suite, ...args], { cwd: folder, stdio: 'ignore' });
    await once(process_, 'exit');
    return new Map(
      readdirSync(results).map((name) => [
        name.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*$/, ''),
        JSON.parse(readFileSync(join(results, name, 'checks.json'), 'utf8')) as Check[],
      ]),
    );
  };

  it.each<Revision>(['2025-11-25', '2026-07-28'])(
    'of %s finds nothing wrong with what is offered',
    async (revision) => {
      const results = await run(revision);
      const failures = scenarios[revision].flatMap((scenario) =>
        (results.get(scenario) ?? [{ id: 'did not run', status: 'FAILURE' }])
          .filter(({ id, status }) => status === 'FAILURE' && !notOffered.has(id))
          .map(({ id }) => `${scenario}: ${id}`),
      );
      expect(failures).toEqual([]);
      const passed = scenarios[revision].flatMap((scenario) => results.get(scenario) ?? []);
      expect(passed.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(20);
    },
  );
});
