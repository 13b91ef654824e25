import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { startService, type RunningService } from '../src/bootstrap/service.js';
import { securityHeaders } from '../src/http/server.js';
import { eventually } from './eventually.js';
import { sampleEnv, sampleService } from './sample/sample.service.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const json = { 'content-type': 'application/json' };

let service: RunningService;
let url: string;

beforeAll(async () => {
  const env = sampleEnv({ CORS_ORIGINS: 'https://app.dev', TRUST_PROXY: '127.0.0.1' });
  service = await startService(sampleService(), { env });
  url = service.url ?? '';
});

afterAll(async () => service.close());

const post = async (path: string, body: string | Buffer, headers: Record<string, string> = json): Promise<Response> =>
  fetch(`${url}${path}`, { method: 'POST', body, headers });

const problem = async (answer: Response): Promise<Record<string, unknown>> => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const body = (await answer.json()) as Record<string, unknown>;
  expect(body).toMatchObject({ status: answer.status, type: `/docs/problems#${String(body['code'])}` });
  return body;
};

/** For what `fetch` would put right before it is sent. */
const rawPath = async (path: string): Promise<{ status: number | undefined; body: string }> => {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path }, (answer) => {
      text(answer).then((body) => {
        resolve({ status: answer.statusCode, body });
      }, reject);
    });
    asked.on('error', reject).end();
  });
};

describe('validation', () => {
  it('hands the handler what the schema made of the input', async () => {
    expect(await (await post('/orders', '{"name":"x"}')).json()).toEqual({ name: 'x', lines: [] });
    expect(await (await fetch(`${url}/orders`)).json()).toEqual({ limit: 5 });
  });

  it('names every wrong field by its JSON pointer', async () => {
    const answer = await post('/orders', '{"name":"","lines":[{"a/b":1},{"a/b":1.5}],"x":1}');

    expect(await problem(answer)).toMatchObject({
      code: 'invalid_request',
      status: 400,
      instance: '/orders',
      errors: [
        { pointer: '/name', detail: expect.any(String) as unknown },
        { pointer: '/lines/1/a~1b', detail: expect.any(String) as unknown },
        { pointer: '/x', detail: 'Unknown field' },
      ],
    });
  });

  it('covers queries, parameters and bodies that are missing', async () => {
    const limit = await problem(await fetch(`${url}/orders?limit=11`));
    const id = await problem(await fetch(`${url}/orders/7`));
    const none = await problem(await fetch(`${url}/orders`, { method: 'POST' }));

    expect(limit).toMatchObject({ code: 'invalid_request', instance: '/orders', errors: [{ pointer: '/limit' }] });
    expect(id).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '' }] });
    expect(none).toMatchObject({ code: 'invalid_request' });
  });
});

describe('a body', () => {
  const taken = async (path: string, headers: Record<string, string>, body = ''): Promise<unknown> => {
    const answer = await post(path, body, headers);
    return answer.status < 300 ? answer.status : (await problem(answer))['code'];
  };

  it('may be empty, whatever it is announced as, where none is needed', async () => {
    for (const type of [json['content-type'], 'text/plain', 'application/x-www-form-urlencoded'])
      expect([type, await taken('/trace', { 'content-type': type })]).toEqual([type, 201]);
  });

  it('must not be empty where one is needed', async () => {
    expect(await taken('/orders', json)).toBe('invalid_json');
    expect(await taken('/orders', { 'content-type': 'text/plain' })).toBe('unsupported_media_type');
  });

  it.each(['gzip', 'GZIP', 'br', 'identity, gzip', 'x'])('is not taken with Content-Encoding: %s', async (encoding) => {
    const answer = await post('/orders', gzipSync('{"name":"x"}'), { ...json, 'content-encoding': encoding });

    expect(answer.headers.get('accept-encoding')).toBe('identity');
    expect(await problem(answer)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  it('is taken as it is', async () => {
    expect(await taken('/orders', { ...json, 'content-encoding': 'identity' }, '{"name":"x"}')).toBe(201);
  });
});

describe('problems', () => {
  it.each([
    ['broken JSON', '/orders', '{"name":', json, 'invalid_json'],
    ['no JSON at all', '/orders', '', json, 'invalid_json'],
    ['a poisoned prototype', '/orders', '{"name":"x","__proto__":{"a":1}}', json, 'forbidden_key'],
    ['a poisoned constructor', '/orders', '{"name":"x","constructor":{"prototype":1}}', json, 'forbidden_key'],
    ['bytes that are no UTF-8', '/orders', Buffer.from('{"name":"\xff"}', 'latin1'), json, 'invalid_json'],
    ['a header that pollutes', '/orders', '{"name":"x"}', { ...json, 'constructor.prototype': '1' }, 'forbidden_key'],
    ['a query that pollutes', '/orders?__proto__=1', '{"name":"x"}', json, 'forbidden_key'],
    ['a long URL', `/orders?a=${'x'.repeat(4_096)}`, '{"name":"x"}', json, 'uri_too_long'],
    ['text', '/orders', '{"name":"x"}', { 'content-type': 'text/plain' }, 'unsupported_media_type'],
    ['another media type', '/orders', '<x/>', { 'content-type': 'text/xml' }, 'unsupported_media_type'],
    ['a body over 1 MiB', '/orders', JSON.stringify({ name: 'x'.repeat(1_048_577) }), json, 'payload_too_large'],
    ['a path that does not exist', '/nothing?secret=1', '{}', json, 'not_found'],
    ['such a path and text', '/nothing', 'x', { 'content-type': 'text/plain' }, 'not_found'],
    ['a path with U+0000', '/orders/%00', '{}', json, 'not_found'],
    ['a method the path does not have', '/orders/7', '{}', json, 'method_not_allowed'],
  ])('%s', async (_, path, body, headers, code) => {
    expect(await problem(await post(path, body, headers))).toMatchObject({ code, instance: path.split('?')[0] });
  });

  it('say which methods a path has', async () => {
    expect((await post('/orders/7', '{}')).headers.get('allow')).toBe('GET, HEAD');
  });

  it('carry what the thrower said', async () => {
    const busy = await fetch(`${url}/fails/busy`);

    expect(busy.headers.get('retry-after')).toBe('2');
    expect(await problem(busy)).toMatchObject({ status: 429, code: 'too_many_requests', limit: 5 });
    expect(await problem(await fetch(`${url}/fails/forbidden`))).toMatchObject({ status: 403, detail: 'not yours' });
  });

  it('tell nothing of an error of our own', async () => {
    const answer = await fetch(`${url}/fails/other?api_key=1`, { headers: { traceparent } });
    const body = await problem(answer);

    expect(body).toMatchObject({ status: 500, code: 'internal', instance: '/fails/other', trace_id: traceId });
    expect(JSON.stringify(body)).not.toMatch(/hunter2|stack|api_key/);
  });

  it('are also what a failing middleware leads to', async () => {
    expect(await problem(await fetch(`${url}/middleware`))).toMatchObject({ code: 'internal' });
  });

  it.each(['/orders/%E0%A4%A', '/%', `/orders/${'x'.repeat(300)}`, '/orders//7'])(
    'are also what a malformed path leads to: %s',
    async (path) => {
      const { status, body } = await rawPath(path);

      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringContaining('/docs/problems#') as unknown });
    },
  );

  it('are nothing that counts when the client has left, so that the work was given up', async () => {
    const refusals = async (): Promise<string[]> =>
      (await (await fetch(`${url}/metrics`)).text())
        .split('\n')
        .filter((line) => line.startsWith('pulser_refusals_total'));
    const before = await refusals();
    await expect(fetch(`${url}/given-up`, { signal: AbortSignal.timeout(200) })).rejects.toThrow();
    await eventually(async () => {
      expect(await (await fetch(`${url}/gave-up`)).text()).toBe('1');
    });
    expect(await refusals()).toEqual(before);
  });

  it('cannot mend an answer that is half sent: it is cut off', async () => {
    const answer = await fetch(`${url}/half`);

    await expect(answer.text()).rejects.toThrow();
  });
});

describe('the HTTP server', () => {
  it('sends security headers with everything and says nothing of itself', async () => {
    for (const path of ['/health', '/nothing', '/fails/other', '/middleware', '/metrics', '/%']) {
      const { headers } = await fetch(`${url}${path}`);

      expect(Object.fromEntries(headers)).toMatchObject(Object.fromEntries(securityHeaders({ protocol: 'http' })));
      expect(headers.has('strict-transport-security')).toBe(false);
      expect(headers.has('server') || headers.has('x-powered-by')).toBe(false);
    }
  });

  it('tells who came by TLS, to the proxy before us, to go on doing so', async () => {
    const byTls = await fetch(`${url}/health`, { headers: { 'x-forwarded-proto': 'https' } });

    expect(byTls.headers.get('strict-transport-security')).toBe('max-age=63072000');
  });

  it('lets pages of the configured origins in, and no others', async () => {
    const from = async (origin: string): Promise<string | null> =>
      (await fetch(`${url}/health`, { headers: { origin } })).headers.get('access-control-allow-origin');

    expect(await from('https://app.dev')).toBe('https://app.dev');
    expect(await from('https://evil.dev')).toBeNull();
  });

  it('refuses heads that are too large, and says what is allowed', async () => {
    const answer = await fetch(`${url}/health`, { headers: { 'x-large': 'x'.repeat(17_000) } });

    expect(await problem(answer)).toMatchObject({ status: 431, code: 'head_too_large', limit_bytes: 16_384 });
    expect(Object.fromEntries(answer.headers)).toMatchObject(Object.fromEntries(securityHeaders({ protocol: 'http' })));
  });

  it('survives what is not HTTP', async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.end('\u0000\u0001 not http\r\n\r\n');

    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 [^]*\r\n\r\n\{"type":"\/docs\/problems#invalid_request"/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it.each([
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'invalid_request'],
    ['U+0000 in a header', 'GET /health HTTP/1.1\r\nHost: x\r\nx: \u0000\r\n\r\n', 400, 'invalid_request'],
    ['a method that nobody knows', 'FOO /health HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid_request'],
    ['a method that others know', 'PROPFIND /health HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method_not_allowed'],
    [
      'a compressed transfer',
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      415,
      'unsupported_media_type',
    ],
    ['an expectation', 'GET /nothing HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n', 404, 'not_found'],
  ])('answers %s with a problem document', async (_, request, status, code) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(request.replace('\r\n', '\r\nConnection: close\r\n'));
    const answer = await text(socket);

    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*application/problem\\+json[^]*"code":"${code}"`));
  });

  it('continues the trace of its caller, in handlers after a body was read and in the answer', async () => {
    const answer = await post('/trace', '{"a":1}', { ...json, traceparent });
    const body = (await answer.json()) as { a: number; traceparent: string };

    expect(body.traceparent).toBe(answer.headers.get('traceparent'));
    expect(body.traceparent).toMatch(new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
  });

  it('starts a trace of its own for each request that brings none or a wrong one', async () => {
    const ids = await Promise.all(
      [{}, {}, { traceparent: 'x' }].map(async (headers) =>
        (await fetch(`${url}/orders`, { headers })).headers.get('traceparent'),
      ),
    );

    expect(new Set(ids.map((id) => id?.slice(3, 35))).size).toBe(3);
  });

  it('sends events, with the trace they belong to', async () => {
    const stop = new AbortController();
    const answer = await fetch(`${url}/events`, { signal: stop.signal, headers: { traceparent } });
    stop.abort();

    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('traceparent')).toContain(traceId);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
