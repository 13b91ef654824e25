import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { newSecretsKey } from '@pulser/context-bus';

import { Apart } from './apart.js';

const marker = `marker/${randomBytes(9).toString('base64')}+"quoted"`;

interface Ended {
  readonly task_id: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: { readonly steps?: readonly { readonly request: string }[]; readonly rows_ok?: number } | null;
}

/** All ways in which the value could stand in a text. */
const writings = [
  marker,
  JSON.stringify(marker).slice(1, -1),
  encodeURIComponent(marker),
  Buffer.from(marker).toString('base64').slice(0, 24),
  Buffer.from(marker).toString('hex'),
];

describe('a secret that tasks use by name', () => {
  let apart: Apart;
  let site: Server;
  let url: string;
  const seen: string[] = [];
  const shown: string[] = [];

  const answer = (request: IncomingMessage): { readonly status: number; readonly body: string } => {
    const given = request.headers.authorization ?? '';
    seen.push(given);
    if (request.url?.startsWith('/rows.csv') === true)
      return given === marker ? { status: 200, body: 'id,note\n1,fine\n2,good\n' } : { status: 401, body: 'no' };
    return { status: 200, body: JSON.stringify({ seen: given, coded: Buffer.from(`u:${given}`).toString('base64') }) };
  };

  beforeAll(async () => {
    site = createServer((request, response) => {
      const { status, body } = answer(request);
      response.writeHead(status, { 'content-type': 'application/json', 'x-seen': request.headers.authorization ?? '' });
      response.end(body);
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    apart = await Apart.start(
      {
        LOG_LEVEL: 'debug',
        SECRETS_KEY: newSecretsKey(),
        OUTGOING_ORIGINS: `${url},${url.replace('127.0.0.1', 'localhost')}`,
      },
      ['gateway', 'router', 'agents/echo', 'agents/data_fabcon'],
    );
    const { port } = new URL(url);
    const host = { ports: [Number(port)], schemes: ['http'] };
    const both = ['127.0.0.1', 'localhost'].map((name) => ({ ...host, host: name }));
    await put('settings/allowed-hosts', { value: both });
    await put('secrets/billing', { value: marker, hosts: [{ ...host, host: '127.0.0.1' }] });
  }, 240_000);

  afterAll(async () => {
    await apart.stop();
    site.closeAllConnections();
    site.close();
  });

  const put = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${apart.gatewayUrl}/api/v1/${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${apart.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    shown.push(await response.text());
    expect([200, 201]).toContain(response.status);
  };

  const read = async (path: string): Promise<string> => {
    const response = await fetch(apart.gatewayUrl + path, { headers: { authorization: `Bearer ${apart.key}` } });
    const text = await response.text();
    shown.push(text);
    return text;
  };

  const ended = async (task_type: string, payload: object): Promise<Ended> => {
    const accepted = await apart.call<Ended>('/api/v1/tasks', { task_type, payload });
    expect(accepted).toHaveProperty('task_id');
    const { task_id } = accepted;
    const view = JSON.parse(await read(`/api/v1/tasks/${task_id}?wait=30s`)) as Ended;
    for (const part of ['', '/explain', '/events', '/artifacts']) await read(`/api/v1/tasks/${task_id}${part}`);
    for (const name of ['junit.xml', 'rejected.csv']) await read(`/api/v1/tasks/${task_id}/artifacts/${name}`);
    return view;
  };

  const authorization = { secret: 'billing' };

  it('reaches the host that may have it, and has a name in its place wherever the host sends it back', async () => {
    const { status, result } = await ended('testing', {
      operation: 'http_checks',
      base_url: url,
      headers: { authorization },
      steps: [
        {
          name: 'look',
          path: '/reflect',
          expect: {
            headers: { 'x-seen': 'something else' },
            json: [
              { path: '$.seen', equals: 'something else' },
              { path: '$.coded', equals: 'something else' },
            ],
          },
          save: { seen: '$.seen' },
        },
        { name: 'repeat', path: '/again/{{seen}}', query: { q: '{{seen}}' } },
      ],
    });
    expect(status).toBe('completed');
    expect(seen).toContain(marker);
    expect(result?.steps?.[1]?.request).toContain('[secret billing]');
    expect(JSON.stringify(result)).toContain('"found":"[secret billing]"');
  });

  it('opens a file that an ingest loads', async () => {
    const source = { url: `${url}/rows.csv`, headers: { authorization } };
    expect(await ended('data_pipeline', { operation: 'ingest', dataset: 'rows', source })).toMatchObject({
      status: 'completed',
      result: { rows_ok: 2 },
    });
  });

  it.each<[string, (own: string) => object, string]>([
    [
      'another host',
      (own) => ({ url: `${own.replace('127.0.0.1', 'localhost')}/rows.csv`, headers: { authorization } }),
      'may not be sent to',
    ],
    [
      'a name that there is not',
      (own) => ({ url: `${own}/rows.csv`, headers: { authorization: { secret: 'other' } } }),
      'There is no secret other',
    ],
  ])('is not given to %s', async (_, source, reason) => {
    const before = seen.length;
    const { status, error } = await ended('data_pipeline', {
      operation: 'ingest',
      dataset: 'no',
      source: source(url),
    });
    expect([status, error]).toMatchObject(['failed', { code: 'secret_unavailable' }]);
    expect(error?.message).toContain(reason);
    expect(seen).toHaveLength(before);
  });

  it('is in no log, metric, answer, event, artifact, trail or row', async () => {
    for (const path of ['/metrics', '/api/v1/audit', '/api/v1/secrets', '/api/v1/dead-letters', '/api/v1/tasks'])
      await read(path);
    const printed = apart.output.join('');
    expect(printed).toMatch(/"level":"debug"/);
    expect(shown.join('').length).toBeGreaterThan(5_000);
    for (const text of [printed, ...shown]) for (const writing of writings) expect(text).not.toContain(writing);
    const tables = await apart.database.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class where relkind in ('r', 'm') and relnamespace = 'public'::regnamespace`,
    );
    expect(tables.length).toBeGreaterThan(30);
    for (const { name } of tables) {
      const rows = await apart.database.query<{ row: string }>(`select t::text as row from ${name} t`);
      const text = rows.map(({ row }) => row.replaceAll('""', '"')).join('\n');
      for (const writing of writings) expect([name, text.includes(writing)]).toEqual([name, false]);
    }
  });
});
