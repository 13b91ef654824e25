import { eventually } from '@pulser/testing';

import { type Client, tellingHeaders } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const unknown = '019a0000-0000-7000-8000-000000000000';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const ofTask = (id: string): [string, string][] => [
  ['GET', `/api/v1/tasks/${id}`],
  ['GET', `/api/v1/tasks/${id}?wait=1s`],
  ['POST', `/api/v1/tasks/${id}/cancel`],
  ['GET', `/api/v1/tasks/${id}/events`],
  ['GET', `/api/v1/tasks/${id}/artifacts`],
  ['GET', `/api/v1/tasks/${id}/artifacts/chart.png`],
];

describe('access', () => {
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  it.each([
    ...ofTask(unknown),
    ['POST', '/api/v1/tasks'],
    ['POST', '/api/v1/tasks/batch'],
    ['GET', '/api/v1/tasks'],
    ['GET', '/api/v1/dead-letters'],
    ['POST', '/api/v1/dead-letters/replay'],
    ['POST', '/api/v1/dead-letters/discard'],
    ['GET', '/api/v1/agents'],
    ['GET', '/api/v1/status'],
  ])('is denied without a valid key: %s %s', async (method, path) => {
    const answers = await Promise.all(
      [undefined, 'Bearer wrong', 'Basic abc', `Bearer ${'x'.repeat(1_000)}`].map((authorization) =>
        gateway.stranger.call(path, { method, headers: authorization === undefined ? {} : { authorization } }),
      ),
    );
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(body).toMatchObject({ code: 'unauthenticated' });
    }
  });

  it.each(['/health', '/health/live', '/health/ready', '/metrics', '/docs', '/docs-json', '/docs/asyncapi.json'])(
    'needs no key for %s',
    async (path) => {
      expect((await gateway.stranger.fetch(path)).status).toBe(200);
    },
  );

  it('ends when a key is revoked', async () => {
    const { client, keyId } = await gateway.client('leaver');
    expect((await client.get('/api/v1/tasks')).status).toBe(200);
    await gateway.database.query('update api_key set revoked_at = now() where key_id = $1', [keyId]);
    await eventually(async () => {
      expect((await client.get('/api/v1/tasks')).status).toBe(401);
    });
  });
});

describe('the tasks of another tenant', () => {
  let gateway: GatewayUnderTest;
  let other: Client;
  let taskId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    const { client, tenantId } = await gateway.client('owner');
    ({ client: other } = await gateway.client('other'));
    taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    await gateway.worker.artifacts.put(claim, {
      name: 'chart.png',
      mediaType: 'image/png',
      content: Buffer.from('png'),
    });
  });

  const answer = async (method: string, path: string, id: string) => {
    const response = await other.fetch(path, { method, headers: { traceparent } });
    const headers = tellingHeaders(response);
    return { status: response.status, headers, text: (await response.text()).replaceAll(id, 'ID') };
  };

  it.each(ofTask('ID'))('are answered like tasks that nobody has: %s %s', async (method, path) => {
    const theirs = await answer(method, path.replace('ID', taskId), taskId);
    const nobodys = await answer(method, path.replace('ID', unknown), unknown);
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(nobodys);
  });

  it.each(ofTask('ID'))('are answered like ids that cannot be: %s %s', async (method, path) => {
    const malformed = 'x'.repeat(unknown.length);
    const theirs = await answer(method, path.replace('ID', taskId), taskId);
    expect(await answer(method, path.replace('ID', malformed), malformed)).toEqual(theirs);
  });

  it('stand in no list, no count and behind no idempotency key', async () => {
    expect((await other.get('/api/v1/tasks')).body).toEqual({ tasks: [], next_cursor: null, partial: false });
    expect((await other.get('/api/v1/status')).body).toMatchObject({ tasks: { running: 0 }, queues: [] });
    const { client } = await gateway.client('owner');
    const call = {
      body: { task_type: 'analytics', payload: { operation: 'query' } },
      headers: { 'idempotency-key': 'same' },
    };
    const [mine, theirs] = await Promise.all([client, other].map((each) => each.call('/api/v1/tasks', call)));
    expect(mine?.body['task_id']).not.toBe(theirs?.body['task_id']);
  });

  it('are not cancelled by trying', async () => {
    await other.fetch(`/api/v1/tasks/${taskId}/cancel`, { method: 'POST' });
    const [row] = await gateway.database.query('select status from task_queue where task_id = $1', [taskId]);
    expect(row).toEqual({ status: 'running' });
  });
});
