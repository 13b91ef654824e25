import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const nested = (levels: number): unknown => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels));

describe('a wrong submission', () => {
  let gateway: GatewayUnderTest;
  let client: Client;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client } = await gateway.client());
  });

  const submit = (body: unknown, headers: Record<string, string> = {}) =>
    client.call('/api/v1/tasks', { body, headers });

  it('is told which field it is', async () => {
    const answer = await submit({ task_type: 'analytics', payload: {}, 'co/lour': 'red' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toEqual({
      type: '/docs/problems#invalid_request',
      title: 'The request does not match the schema',
      status: 400,
      code: 'invalid_request',
      instance: '/api/v1/tasks',
      trace_id: expect.stringMatching(/^[\da-f]{32}$/) as string,
      errors: [{ pointer: '/co~1lour', detail: 'Unknown field' }],
    });
  });

  it.each([
    ['a task type that cannot be one', { task_type: 'Cooking!', payload: {} }, '/task_type'],
    ['a priority that does not exist', { task_type: 'analytics', payload: {}, priority: 'urgent' }, '/priority'],
    ['no payload', { task_type: 'analytics' }, '/payload'],
    ['a payload that is no object', { task_type: 'analytics', payload: [] }, '/payload'],
    ['a time without a zone', { task_type: 'analytics', payload: {}, run_at: '2030-01-01T00:00:00' }, '/run_at'],
    ['a deadline in the past', { task_type: 'analytics', payload: {}, deadline_s: 0 }, '/deadline_s'],
    ['33 levels', { task_type: 'analytics', payload: nested(33) }, `/payload${'/a'.repeat(32)}`],
    [
      '100,000 levels',
      `{"task_type":"analytics","payload":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`,
      `/payload/a${'/0'.repeat(31)}`,
    ],
    [
      'too many keys',
      { task_type: 'analytics', payload: Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, n])) },
      '/payload/k1000',
    ],
    ['a number beyond all doubles', '{"task_type":"analytics","payload":{"rows":[1,1e400]}}', '/payload/rows/1'],
    ['U+0000', { task_type: 'analytics', payload: { text: 'a\u0000b' } }, '/payload/text'],
    ['half a surrogate pair', { task_type: 'analytics', payload: { text: '\ud800' } }, '/payload/text'],
  ])('is refused for %s', async (_, body, pointer) => {
    const answer = await submit(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ pointer }] });
  });

  it.each([
    ['has no zone', '2030-01-01T00:00:00', 'It has no zone: end it with Z, or with an offset such as +01:00'],
    ['lies in the year 10000', '9999-12-31T23:59:59-01:00', 'Must be between the years 1 and 9999 in UTC'],
  ])('is told that its time %s', async (_, run_at, detail) => {
    const answer = await submit({ task_type: 'analytics', payload: { operation: 'query' }, run_at });
    expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer: '/run_at', detail }] });
  });

  it('is told all that is wrong with it', async () => {
    const answer = await submit({
      priority: 'urgent',
      payload: { text: '\ud800' },
      metadata: { a: '\u0000' },
      colour: 1,
    });
    const { errors } = answer.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(
      ['/task_type', '/priority', '/payload/text', '/metadata/a', '/colour'].sort(),
    );
  });

  it('is refused when its payload names no operation of the type', async () => {
    const answer = await submit({ task_type: 'analytics', payload: { operation: 'guess' } });
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { code: 'invalid_payload', errors: [{ pointer: '/payload/operation', detail: 'Must be one of query' }] },
    ]);
  });

  it('is refused for a task type that no agent serves', async () => {
    const answer = await submit({ task_type: 'cooking', payload: {} });
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { code: 'task_type_not_served', served: ['analytics', 'data_pipeline'] },
    ]);
  });

  it('is none when a column is called constructor or prototype, and nothing of it is dropped', async () => {
    const payload = { operation: 'query', rows: [{ constructor: 'Ferrari', prototype: 'F1-75' }] };
    const { body } = await submit({ task_type: 'analytics', payload });
    expect((await client.get(`/api/v1/tasks/${String(body['task_id'])}`)).body).toMatchObject({ payload });
  });

  it.each([
    ['__proto__', '{"task_type":"analytics","payload":{"__proto__":{"admin":true}}}'],
    ['constructor.prototype', '{"task_type":"analytics","payload":{"constructor":{"prototype":{"admin":true}}}}'],
  ])('cannot pollute prototypes with %s', async (_, body) => {
    const answer = await submit(body);
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'forbidden_key' }]);
  });

  it.each([
    ['broken JSON', '{"task_type":', 'application/json', 400, 'invalid_json'],
    ['an empty body', '', 'application/json', 400, 'invalid_json'],
    ['XML', '<task/>', 'application/xml', 415, 'unsupported_media_type'],
    ['text', '{}', 'text/plain', 415, 'unsupported_media_type'],
    ['a form', 'task_type=analytics', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['more than 1 MiB', `{"text":"${'x'.repeat(1_048_576)}"}`, 'application/json', 413, 'payload_too_large'],
  ])('is refused for %s', async (_, body, type, status, code) => {
    const answer = await submit(body, { 'content-type': type });
    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
  });

  it('is told how much a body may have', async () => {
    const answer = await submit(`{"text":"${'x'.repeat(1_048_576)}"}`);
    expect(answer.body).toMatchObject({
      code: 'payload_too_large',
      detail: 'At most 1048576 bytes',
      limit_bytes: 1_048_576,
    });
  });

  it('is refused when it is compressed, and told what is taken', async () => {
    const answer = await submit('{}', { 'content-encoding': 'gzip' });
    expect([answer.status, answer.headers.get('accept-encoding')]).toEqual([415, 'identity']);
    expect(answer.body).toMatchObject({
      code: 'unsupported_media_type',
      detail: expect.stringContaining('compressed') as string,
    });
  });

  it.each([
    ['a route', '/api/v1/nothing', 'There is no route with this path'],
    ['a task', '/api/v1/tasks/x', 'There is no such task'],
    ['a dead letter', '/api/v1/dead-letters/x', 'There is no such dead letter'],
    ['an artifact', '/api/v1/tasks/x/artifacts/chart.png', 'There is no such artifact'],
  ])('is told that it is %s that is not there', async (_, path, detail) => {
    expect((await client.get(path)).body).toMatchObject({ status: 404, detail });
  });

  it('is told how to send the key, and of a wrong one no more than that it is wrong', async () => {
    const none = await gateway.stranger.get('/api/v1/tasks');
    const wrong = await gateway.stranger.get('/api/v1/tasks', { authorization: 'Bearer pulser_x' });
    expect(none.body).toMatchObject({
      status: 401,
      detail: expect.stringContaining('`Authorization: Bearer <key>`') as string,
    });
    expect(wrong.body).toMatchObject({ status: 401, detail: expect.stringContaining('not valid') as string });
  });

  it('is told which methods there are', async () => {
    const answer = await client.call('/api/v1/tasks', { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});
