import { OutgoingClient, rulesOfSettings } from '@pulser/outgoing/client';

import { runLoad } from '../src/load/load-test.operation.js';
import { LoadTestInput } from '../src/load/load-contract.js';
import { Targets } from '../src/targets/targets.js';
import { codeOf, open, run } from './run.js';
import { json, Site } from './site.js';

const tenantId = '0198c7a0-0000-7000-8000-000000000001';
const load = { maxRate: 50, maxConnections: 5, maxSeconds: 3 };

describe('where tests may go', () => {
  /** What must never be reached. */
  let trap: Site;

  beforeAll(async () => {
    trap = await Site.start((_, answer) => {
      json(answer, { load_test: { tenants: [tenantId] } });
    });
  });

  afterAll(async () => {
    process.stdout.write(`tests that were led astray made ${trap.connections} connections\n`);
    await Site.closeAll();
  });

  const document = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    paths: { '/': { get: { responses: {} } } },
  });

  const everything = (url: string): [string, () => Promise<unknown>][] => {
    const { hostname, port } = new URL(url);
    const ports = [Number(port === '' ? 80 : port)];
    const options = { settings: { 'allowed-hosts': [{ host: hostname, ports, load_test: true }] } };
    const steps = [{ name: 'a', path: '/' }];
    return [
      ['http_checks', () => run('http_checks', { base_url: url, steps }, options)],
      ['contract_test', () => run('contract_test', { base_url: url, document: { text: document } }, options)],
      ['document', () => run('contract_test', { base_url: url, document: { url: `${url}/openapi.json` } }, options)],
      ['load_test', () => run('load_test', { url }, options)],
    ];
  };

  it('is nowhere, unless an administrator of the tenant has allowed it', async () => {
    const steps = [{ name: 'a', path: '/' }];
    const opened = { outgoing: { origins: [trap.url] } };
    const failing = run('http_checks', { base_url: trap.url, steps }, opened);
    await expect(failing).rejects.toMatchObject({
      code: 'host_not_allowed',
      permanent: true,
      message: expect.stringContaining('PUT /api/v1/settings/allowed-hosts') as string,
    });
    expect(await codeOf(run('load_test', { url: trap.url }, opened))).toBe('host_not_allowed');
    const elsewhere = { ...opened, settings: { 'allowed-hosts': [{ host: 'api.example.com' }] } };
    expect(await codeOf(run('http_checks', { base_url: trap.url, steps }, elsewhere))).toBe('host_not_allowed');
    const unreadable = { ...opened, settings: { 'allowed-hosts': { hosts: '*' } } };
    expect(await codeOf(run('http_checks', { base_url: trap.url, steps }, unreadable))).toBe('host_not_allowed');
    expect(trap.connections).toBe(0);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.0.0.1', '0.0.0.0'])(
    'is no private address, although the host %s is allowed',
    async (host) => {
      const url = `http://${new URL(`http://${host}`).host}:${trap.port}`;
      for (const [what, failing] of everything(url)) {
        await expect(failing().catch((error: unknown) => [what, error])).resolves.toMatchObject([
          what,
          { code: 'address_not_open', message: expect.stringContaining('OUTGOING_ALLOW') as string },
        ]);
      }
      expect(trap.connections).toBe(0);
    },
  );

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1:PORT/',
    'http://evil.example/',
    '//[::1]:PORT/',
  ])('is nowhere that a redirect leads to: %s', async (location) => {
    const to = location.replace('PORT', String(trap.port));
    const site = await Site.start((request, answer) => {
      if (request.url === '/document' || request.url === '/.well-known/pulser' || request.url === '/')
        answer.writeHead(302, { location: to }).end();
    });
    const steps = [{ name: 'a', path: '/', redirects: 'follow' }];
    const { result } = await run('http_checks', { base_url: site.url, steps }, open(site.url));
    expect(result.steps[0]?.checks[0]).toMatchObject({
      passed: false,
      found: expect.stringContaining('was not followed') as string,
    });
    const tested = run(
      'contract_test',
      { base_url: site.url, document: { url: `${site.url}/document` } },
      open(site.url),
    );
    expect(['host_not_allowed', 'address_not_open']).toContain(await codeOf(tested));
    expect(await codeOf(run('load_test', { url: `${site.url}/x` }, open(site.url)))).toBe('load_not_agreed');
    expect(trap.connections).toBe(0);
    await site.close();
  });

  it('is, for a load, the machine that has agreed, whatever its name means a moment later', async () => {
    const asked: string[] = [];
    const host = await Site.start(
      (request, answer) => {
        asked.push(request.headers.host ?? '');
        json(answer, request.url === '/.well-known/pulser' ? { load_test: { tenants: [tenantId] } } : {});
      },
      { host: '127.0.0.2', port: trap.port },
    );
    const answers = [['127.0.0.2'], ['127.0.0.1']];
    const lookup = (): Promise<readonly string[]> => Promise.resolve(answers.shift() ?? ['127.0.0.1']);
    const rules = {
      schemes: ['http'],
      ports: [host.port],
      timeoutMs: 5_000,
      idleMs: 5_000,
      maxBytes: 1_000,
      maxRedirects: 0,
    };
    // Both addresses are open: only the route keeps the load away from the second one.
    const client = new OutgoingClient(rulesOfSettings({ ...rules, allow: ['127.0.0.0/8'], load }), lookup);
    const targets = new Targets(client, [{ host: 'rebinding.test', ports: [host.port], load_test: true }], load);
    const url = `http://rebinding.test:${host.port}/page`;
    const asks = { operation: 'load_test', url, rate_per_s: 20, connections: 2, seconds: 1 };
    const input = { ...LoadTestInput.parse(asks), headers: {} };

    const ran = await runLoad(input, { targets, tenantId, signal: AbortSignal.timeout(100_000) });

    expect(ran.latencies.total).toBeGreaterThan(3);
    expect(new Set(asked)).toEqual(new Set([`rebinding.test:${host.port}`]));
    expect(host.asked.filter((one) => one === 'GET /page').length).toBeGreaterThanOrEqual(ran.latencies.total);
    expect(trap.connections).toBe(0);
    await host.close();
  });

  it('is no address that a name gets after it was checked', async () => {
    const answers = [['127.0.0.2'], ['169.254.169.254'], ['127.0.0.1']];
    const lookup = (): Promise<readonly string[]> => Promise.resolve(answers.shift() ?? ['127.0.0.1']);
    const rules = {
      schemes: ['http'],
      ports: [trap.port],
      timeoutMs: 2_000,
      idleMs: 2_000,
      maxBytes: 1_000,
      maxRedirects: 0,
    };
    const client = new OutgoingClient(rulesOfSettings({ ...rules, allow: ['127.0.0.2'], load }), lookup);
    const targets = new Targets(client, [{ host: 'rebinding.test', ports: [trap.port], load_test: true }], load);
    const url = new URL(`http://rebinding.test:${trap.port}/`);
    // Nothing listens at the first one.
    expect(await codeOf(targets.ask(url, {}))).toBe('connect_failed');
    expect(await codeOf(targets.ask(url, {}))).toBe('address_not_open');
    expect(await codeOf(targets.route(url))).toBe('address_not_open');
    expect(trap.connections).toBe(0);
  });
});
