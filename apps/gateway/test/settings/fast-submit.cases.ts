import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { type RunningService, type ServiceDefinition, startService } from '@pulser/service-kit';
import { eventually } from '@pulser/testing';

import { gateway, type GatewayEnv } from '../../src/index.js';
import { gatewayEnv, type GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

interface Exchange {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

const ids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}/g;
const differing = /^(?:date|traceparent|ratelimit|retry-after):/i;

/** What came back, without what differs from request to request. */
const answerIn = (bytes: Buffer): Exchange => {
  const [head = '', ...rest] = bytes.toString('latin1').split('\r\n\r\n');
  const [status = '', ...headers] = head.split('\r\n');
  const telling = headers.map((line) => (differing.test(line) ? line.slice(0, line.indexOf(':')) : line));
  const clean = (text: string): string => text.replaceAll(ids, '<id>');
  return {
    status,
    headers: telling.map((line) => clean(line).toLowerCase()).sort(),
    body: clean(rest.join('\r\n\r\n')),
  };
};

const connected = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
};

/** Sends the bytes as they are, and reads until the server closes. */
const exchange = async (url: string, bytes: string | Buffer): Promise<Exchange> => {
  const socket = await connected(url);
  socket.write(bytes);
  return answerIn(await buffer(socket));
};

type Headers = Readonly<Record<string, string | undefined>>;

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** A request of HTTP/1.1. A header that is undefined is left out. */
const request = (body: string | Buffer, headers: Headers = {}, line = 'POST /api/v1/tasks'): Buffer => {
  const bytes = utf8(body.toString()).equals(Buffer.from(body)) ? utf8(body.toString()) : Buffer.from(body);
  const all: Headers = {
    host: 'pulser',
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes]);
};

const order = (change: object = {}): string =>
  JSON.stringify({ task_type: 'analytics', payload: { operation: 'query' }, ...change });

const TRUST_PROXY = '127.0.0.1';

const later = '2031-01-01T00:00:00Z';

/** Requests of the fast path, and all that it has to leave or to refuse. `KEY` stands for the caller's key. */
const table: readonly (readonly [name: string, body: string | Buffer, headers?: Headers, line?: string])[] = [
  ['an ordinary order', order()],
  ['an order with everything', order({ priority: 'high', run_at: later, deadline_s: 60, metadata: { a: 'ü' } })],
  ['a charset', order(), { 'content-type': 'application/json; charset=utf-8' }],
  ['another charset', order(), { 'content-type': 'application/json; charset=latin1' }],
  ['another case of the media type', order(), { 'content-type': 'Application/JSON' }],
  ['no media type', order(), { 'content-type': undefined }],
  ['another media type', order(), { 'content-type': 'text/plain' }],
  ['a traceparent', order(), { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
  ['a broken traceparent', order(), { traceparent: 'x' }],
  ['an empty idempotency key', order(), { 'idempotency-key': '' }],
  ['an origin', order(), { origin: 'https://example.com' }],
  ['a proxy', order(), { 'x-forwarded-for': '10.0.0.1', 'x-forwarded-proto': 'https' }],
  ['a proxy without TLS', order(), { 'x-forwarded-proto': 'https, http' }],
  ['a compressed body', order(), { 'content-encoding': 'gzip' }],
  ['a body as it is', order(), { 'content-encoding': 'identity' }],
  ['no credential', order(), { authorization: undefined }],
  ['an unknown key', order(), { authorization: 'Bearer pk_unknown' }],
  ['another scheme', order(), { authorization: 'Basic YTpi' }],
  ['a token', order(), { authorization: 'Bearer a.b.c' }],
  ['a forbidden header', order(), { __proto__x: '1', 'constructor.prototype': '1' }],
  ['no body', '', {}],
  ['a body of spaces', '   '],
  ['no JSON', '{"task_type":'],
  ['two values', '{} {}'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"x"'],
  ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['a byte order mark', `\uFEFF${order()}`],
  ['U+0000', order({ payload: { operation: 'query', a: '\u0000' } })],
  ['half a surrogate pair', '{"task_type":"analytics","payload":{"operation":"query","a":"\\ud800"}}'],
  ['a forbidden key', '{"task_type":"analytics","payload":{"__proto__":{}}}'],
  ['a forbidden key with an escape', '{"task_type":"analytics","payload":{"\\u005f_proto__":{}}}'],
  ['a number that does not fit', '{"task_type":"analytics","payload":{"operation":"query","a":1e999}}'],
  ['depth', order({ payload: { operation: 'query', a: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown } })],
  ['an unknown field', order({ x: 1, y: 2 })],
  ['several faults', order({ priority: 'urgent', deadline_s: -1, run_at: 'tomorrow' })],
  ['an unknown type', order({ task_type: 'cooking' })],
  ['a payload without an operation', order({ payload: {} })],
  ['no host', order(), { host: undefined }],
  ['a query', order(), {}, 'POST /api/v1/tasks?x=1'],
  ['a slash at the end', order(), {}, 'POST /api/v1/tasks/'],
  ['another method', order(), {}, 'PUT /api/v1/tasks'],
  ['an absolute URL', order(), {}, 'POST http://pulser/api/v1/tasks'],
  ['a body that is too large', order({ payload: { operation: 'query', a: 'x'.repeat(1_100_000) } })],
];

const chunked = (key: string): string =>
  [
    'POST /api/v1/tasks HTTP/1.1\r\nhost: pulser\r\nconnection: close\r\ncontent-type: application/json\r\n',
    `authorization: Bearer ${key}\r\ntransfer-encoding: chunked\r\n\r\n`,
    `${order().length.toString(16)}\r\n${order()}\r\n0\r\n\r\n`,
  ].join('');

describe('the fast path of submissions', () => {
  let shared: GatewayUnderTest;
  let fast: RunningService;
  let usual: RunningService;
  /** Requests that reached Fastify. */
  let left = 0;

  const counting: ServiceDefinition<GatewayEnv> = {
    ...gateway,
    configure: (app, env) => {
      const server = app.getHttpAdapter().getInstance();
      server.addHook('onRequest', (_request, _reply, done) => {
        left += 1;
        done();
      });
      return gateway.configure?.(app, env);
    },
  };

  const start = (definition: ServiceDefinition<GatewayEnv>, variables: Record<string, string>) =>
    startService(definition, { env: gatewayEnv(shared.database, shared.broker, variables) });

  beforeAll(async () => {
    shared = (await sharedGateway()).scoped();
    fast = await start(counting, { TRUST_PROXY });
    usual = await start(gateway, { TRUST_PROXY, FAST_SUBMIT: 'false' });
  });

  afterAll(async () => {
    await fast.close();
    await usual.close();
  });

  const both = async (bytes: string | Buffer): Promise<readonly [Exchange, Exchange]> => [
    await exchange(fast.url ?? '', bytes),
    await exchange(usual.url ?? '', bytes),
  ];

  it.each(table.map((row) => ({ name: row[0], row })))('answers $name like Nest, byte for byte', async ({ row }) => {
    const [, body, headers = {}, line = 'POST /api/v1/tasks'] = row;
    const { client } = await shared.client();
    const [one, other] = await both(request(body, { authorization: `Bearer ${client.key ?? ''}`, ...headers }, line));
    expect(one).toEqual(other);
    expect(other.status).toMatch(/^HTTP\/1.1 \d{3} /);
  });

  it('answers a body in chunks like Nest', async () => {
    const { client } = await shared.client();
    const [one, other] = await both(chunked(client.key ?? ''));
    expect(one).toEqual(other);
    expect(one.status).toContain('202');
  });

  it.each([
    ['a viewer', { role: 'viewer' as const }],
    ['a key for other task types', { allowedTaskTypes: ['testing'] }],
  ])('refuses %s like Nest', async (_name, grant) => {
    const { client } = await shared.client('acme', grant);
    const [one, other] = await both(request(order(), { authorization: `Bearer ${client.key ?? ''}` }));
    expect(one).toEqual(other);
    expect(one.status).toContain('403');
  });

  it('takes what is ordinary, and leaves the rest', async () => {
    const { client } = await shared.client();
    const authorization = `Bearer ${client.key ?? ''}`;
    left = 0;
    expect((await exchange(fast.url ?? '', request(order(), { authorization }))).status).toContain('202');
    expect(left).toBe(0);
    await exchange(fast.url ?? '', request(order(), { authorization, 'idempotency-key': 'k-2' }));
    expect(left).toBe(1);
  });

  const activeRequests = async (): Promise<number> => {
    const text = await (await fetch(`${fast.url ?? ''}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith('http_server_active_requests'));
    return Number(line?.split(' ').at(-1) ?? NaN);
  };

  it('forgets requests whose clients go while their key is looked up', async () => {
    for (let n = 0; n < 20; n += 1) {
      const leaving = await connected(fast.url ?? '');
      leaving.write(request(order(), { authorization: `Bearer pulser_${String(n).padStart(40, '0')}` }));
      if (n % 2 === 0) leaving.resetAndDestroy();
      else leaving.destroy();
    }
    // The request for the metrics is one itself.
    await eventually(async () => {
      expect(await activeRequests()).toBe(1);
    });
  });

  it('answers a submission that was complete before bytes that are no request, and closes', async () => {
    const { client } = await shared.client();
    const good = request(order(), { authorization: `Bearer ${client.key ?? ''}`, connection: 'keep-alive' });
    const [one, other] = await both(Buffer.concat([good, Buffer.from('zz\r\n\r\n')]));
    expect([one.status, other.status]).toEqual(['HTTP/1.1 202 Accepted', 'HTTP/1.1 202 Accepted']);
  });

  it('is counted by route and status, also when the client goes before its body is there', async () => {
    const { client } = await shared.client();
    const authorization = `Bearer ${client.key ?? ''}`;
    const count = async (status: string): Promise<number> => {
      const text = await (await fetch(`${fast.url ?? ''}/metrics`)).text();
      const label = `method="POST",route="/api/v1/tasks",status="${status}"`;
      const line = text
        .split('\n')
        .find((one) => one.startsWith('http_server_request_duration_seconds_count') && one.includes(label));
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    const [accepted, aborted] = [await count('2xx'), await count('aborted')];
    await exchange(fast.url ?? '', request(order(), { authorization }));
    const leaving = await connected(fast.url ?? '');
    leaving.end(request(order().slice(0, 9), { authorization, 'content-length': '60' }));
    await eventually(async () => {
      expect([await count('2xx'), await count('aborted')]).toEqual([accepted + 1, aborted + 1]);
    });
  });
});

describe('the limits of the fast path', () => {
  it.each([
    ['of requests', { RATE_LIMIT_KEY_PER_S: '0.001', RATE_LIMIT_KEY_BURST: '1' }, ['202', '429']],
    ['of waiting tasks', { QUEUE_QUOTA: '1' }, ['202', '429']],
    ['of tasks a day', { DAILY_QUOTA: '1' }, ['202', '429']],
  ])('%s are those of Nest', async (name, variables, statuses) => {
    const shared = (await sharedGateway()).scoped();
    const answers = [];
    for (const FAST_SUBMIT of ['true', 'false']) {
      const env = gatewayEnv(shared.database, shared.broker, { ...variables, FAST_SUBMIT });
      const service = await startService(gateway, { env });
      const { client } = await shared.client(`limited-${name}-${FAST_SUBMIT}`.replaceAll(' ', '-'));
      const bytes = request(order(), { authorization: `Bearer ${client.key ?? ''}` });
      const send = () => exchange(service.url ?? '', bytes);
      answers.push([await send(), await send()]);
      await service.close();
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.map(({ status }) => status.split(' ')[1])).toEqual(statuses);
  });
});
