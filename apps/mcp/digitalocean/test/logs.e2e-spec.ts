import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/client';
import { testClient } from '@pulser/mcp-server-kit/testing';

import { digitalocean } from '../src/server.js';
import { calling, variablesOf, type Calling } from './calling.js';
import { idOf, token } from './fake-digitalocean.js';

describe('logs of an app', () => {
  let cloud: Calling;

  beforeEach(async () => {
    cloud = await calling();
  });
  afterEach(async () => {
    await cloud.stop();
    expect(cloud.fake.vendor.violations).toEqual([]);
  });

  const file = (path: string, text: string, ranges = true): string => {
    cloud.fake.files.set(path, { bytes: Buffer.from(text), ranges });
    return `${cloud.fake.vendor.origin}${path}?signature=x`;
  };
  const logs = (args: Record<string, unknown> = {}) =>
    cloud.call('do_app_logs_get', { app_id: idOf(1), type: 'BUILD', ...args });

  it('are the last lines of each archive', async () => {
    cloud.fake.logs = { historic_urls: [file('/logs/a', 'one\ntwo\nthree\n'), file('/logs/b', 'four')] };
    const { result } = await logs({ tail_lines: 2 });
    expect(result).toEqual({
      logs: [
        { source: 'archive', text: 'two\nthree\n', truncated: true },
        { source: 'archive', text: 'four', truncated: false },
      ],
      truncated: true,
    });
  });

  it('are fetched without the token, and only their end', async () => {
    cloud.fake.logs = { historic_urls: [file('/logs/a', `${'line\n'.repeat(50_000)}last\n`)] };
    const { result } = await logs({ tail_lines: 3 });
    expect(result).toMatchObject({ logs: [{ text: 'line\nline\nlast\n', truncated: true }] });
    expect(cloud.fake.fileHeaders).toMatchObject([{ range: 'bytes=-60000' }]);
    expect(JSON.stringify(cloud.fake.fileHeaders)).not.toContain(token);
    expect(JSON.stringify(result)).not.toContain('signature');
  });

  it('are cut from a store that knows no ranges, too', async () => {
    cloud.fake.logs = { historic_urls: [file('/logs/a', `${'é'.repeat(100_000)}\nlast`, false)] };
    const { result } = await logs();
    expect(result).toMatchObject({ logs: [{ text: 'last', truncated: true }] });
  });

  it.each([
    ['of all components of the active deployment', {}, 'apps_get_logs_active_deployment_aggregate'],
    ['of a component', { component: 'api' }, 'apps_get_logs_active_deployment'],
    ['of a deployment', { deployment_id: idOf(20) }, 'apps_get_logs_aggregate'],
    ['of a component of a deployment', { deployment_id: idOf(20), component: 'api' }, 'apps_get_logs'],
  ])('%s are asked for where they are', async (_, args, operation) => {
    const { result } = await logs({ ...args, type: 'RUN_RESTARTED' });
    expect(result).toEqual({ logs: [], truncated: false });
    expect(
      cloud.fake.vendor.requests.map((request) => [
        request.operation,
        request.query.get('type'),
        request.query.get('follow'),
      ]),
    ).toEqual([[operation, 'RUN_RESTARTED', 'false']]);
  });

  it('that are gone say so', async () => {
    cloud.fake.logs = { historic_urls: [`${cloud.fake.vendor.origin}/logs/expired`] };
    await expect(logs()).resolves.toMatchObject({
      error: { code: 'refused', message: expect.stringContaining('403') as string },
    });
  });

  it('at an address inside a private network are not fetched', async () => {
    cloud.fake.logs = { historic_urls: ['http://169.254.169.254/latest/meta-data'] };
    await expect(logs()).resolves.toMatchObject({ error: { code: 'refused' } });
    cloud.fake.logs = { historic_urls: ['not an address'] };
    await expect(logs()).resolves.toMatchObject({ error: { code: 'upstream_error' } });
  });

  describe('that are still written', () => {
    let live: Server;

    beforeEach(async () => {
      live = createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write('started\nlistening\n');
      });
      await new Promise<void>((resolve) => live.listen(0, '127.0.0.1', resolve));
    });
    afterEach(async () => {
      live.closeAllConnections();
      await new Promise((resolve) => live.close(resolve));
    });

    it('are read for a while', async () => {
      const origin = `127.0.0.1:${(live.address() as AddressInfo).port}`;
      cloud.fake.logs = { live_url: `ws://${origin}/logs?token=x` };
      const outgoing = outgoingRulesOf(parseOutgoingEnv({ OUTGOING_ORIGINS: `http://${origin}` }));
      const client = await testClient(digitalocean, { outgoing });
      const { result } = await client.call(
        'do_app_logs_get',
        { app_id: idOf(1), type: 'RUN', live_seconds: 1 },
        { variables: variablesOf(cloud.fake) },
      );
      await client.close();
      expect(result).toEqual({
        logs: [{ source: 'live', text: 'started\nlistening\n', truncated: false }],
        truncated: false,
      });
    });
  });
});
