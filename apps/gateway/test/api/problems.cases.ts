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
    ['33 levels', { task_type: 'analytics', payload: nested(33) }, '/payload'],
    ['100,000 levels', `{"task_type":"analytics","payload":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`, '/payload'],
    [
      'too many keys',
      { task_type: 'analytics', payload: Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, n])) },
      '/payload',
    ],
    ['U+0000', { task_type: 'analytics', payload: { text: 'a\u0000b' } }, '/payload'],
    ['half a surrogate pair', { task_type: 'analytics', payload: { text: '\ud800' } }, '/payload'],
  ])('is refused for %s', async (_, body, pointer) => {
    const answer = await submit(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ pointer }] });
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
    expect([answer.status, answer.body]).toMatchObject([422, { code: 'task_type_not_served', served: ['analytics'] }]);
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

  it('is told which methods there are', async () => {
    const answer = await client.call('/api/v1/tasks', { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});
