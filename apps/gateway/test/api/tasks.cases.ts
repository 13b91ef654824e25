import { randomUUID } from 'node:crypto';

import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { Listener } from '../listener.js';
import { sharedGateway } from '../shared-gateway.js';

interface Page {
  readonly tasks: readonly { readonly task_id: string; readonly [field: string]: unknown }[];
  readonly next_cursor: string | null;
  readonly partial: boolean;
}

describe('a task', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client());
  });

  const view = async (taskId: string) => (await client.get(`/api/v1/tasks/${taskId}`)).body;

  it('is shown as it was submitted', async () => {
    const task = {
      payload: { operation: 'query', deep: { list: [1, null, 'ü'] } },
      priority: 'high',
      metadata: { order: 7 },
      run_at: '2099-01-01T01:00:00+01:00',
      deadline_s: 60,
    };
    expect(await view(await client.submit(task))).toMatchObject({
      task_type: 'analytics',
      status: 'scheduled',
      assigned_agent: 'dash',
      attempts: 0,
      payload: task.payload,
      priority: 'high',
      metadata: task.metadata,
      result: null,
      error: null,
      artifacts: [],
      timings: { run_at: '2099-01-01T00:00:00.000Z', deadline_at: '2099-01-01T00:01:00.000Z', started_at: null },
    });
  });

  it('is shown with its result, its files and how long it took', async () => {
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    const chart = { name: 'chart.png', mediaType: 'image/png', content: Buffer.from('12345') };
    await gateway.worker.artifacts.put(claim, chart);
    await gateway.worker.results.complete(claim, { rows: [[1, 'a']] });
    expect(await view(taskId)).toMatchObject({
      status: 'completed',
      attempts: 1,
      result: { rows: [[1, 'a']] },
      artifacts: [
        { name: 'chart.png', media_type: 'image/png', bytes: 5, href: `/api/v1/tasks/${taskId}/artifacts/chart.png` },
      ],
      timings: { queue_ms: expect.any(Number) as number, run_ms: expect.any(Number) as number },
    });
  });

  it('is shown with the error that it failed with', async () => {
    const taskId = await client.submit();
    const error = { code: 'query_failed', message: 'no such table', permanent: true, details: { line: 1 } };
    await gateway.worker.results.fail(await gateway.worker.claim(tenantId, taskId), error);
    expect(await view(taskId)).toMatchObject({ status: 'failed', result: null, error });
  });

  it('is shown with a member __proto__ of its result', async () => {
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    await gateway.worker.results.complete(claim, JSON.parse('{"__proto__":{"a":1}}'));
    expect(JSON.stringify((await view(taskId))['result'])).toBe('{"__proto__":{"a":1}}');
  });

  it('has its whole error, bounded, and a short one in every list', async () => {
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    const details = { cell: 'x'.repeat(20_000_000) };
    await gateway.worker.results.fail(claim, {
      code: 'query_failed',
      message: 'y'.repeat(20_000_000),
      permanent: true,
      details,
    });
    const { message } = (await view(taskId))['error'] as { message: string };
    expect(message).toMatch(/^y{3900,}\.\.\. \(19,99\d,\d{3} more characters\)$/);
    for (const list of ['tasks?status=failed', 'dead-letters', 'dead-letters/groups']) {
      const answer = JSON.stringify((await client.get(`/api/v1/${list}`)).body);
      expect(answer).toContain('more characters)');
      expect(answer).not.toContain('details');
      expect(answer.length).toBeLessThan(3_000);
    }
  });

  it('refuses a query that it does not know', async () => {
    const answer = await client.get(`/api/v1/tasks/${await client.submit()}?verbose=1`);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer: '/verbose' }] }]);
  });
});

describe('cancelling a task', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client());
  });

  const cancel = (taskId: string) => client.call(`/api/v1/tasks/${taskId}/cancel`, { method: 'POST' });

  it('ends a running one, tells its worker and takes no late result', async () => {
    const listener = await Listener.start(gateway.broker);
    const heard = await listener.hear('task.cancelled');
    const taskId = await client.submit();
    const claim = await gateway.worker.claim(tenantId, taskId);
    const answer = await cancel(taskId);
    expect([answer.status, answer.body]).toMatchObject([200, { task_id: taskId, status: 'cancelled', attempts: 1 }]);
    await eventually(() => {
      expect(heard).toContainEqual([
        { task_id: taskId, tenant_id: tenantId, task_type: 'analytics', agent: 'dash', attempt: 1 },
      ]);
    });
    expect(await gateway.worker.results.complete(claim, {})).toBe(false);
    await listener.stop();
  });

  it('ends one that waits', async () => {
    expect((await cancel(await client.submit({ run_at: '2099-01-01T00:00:00Z' }))).body).toMatchObject({
      status: 'cancelled',
      timings: { started_at: null, completed_at: expect.any(String) as string },
    });
  });

  it('is refused when it has ended, and says how', async () => {
    const taskId = await client.submit();
    await gateway.worker.complete(tenantId, taskId);
    const answer = await cancel(taskId);
    expect([answer.status, answer.body]).toMatchObject([409, { code: 'conflict', task_status: 'completed' }]);
  });
});

describe('the list of tasks', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
  });

  beforeEach(async () => {
    ({ client, tenantId } = await gateway.client(`tenant-${randomUUID()}`));
  });

  const page = async (query = ''): Promise<Page> => (await client.get<Page>(`/api/v1/tasks?${query}`)).body;

  const ids = ({ tasks }: Page): string[] => tasks.map(({ task_id }) => task_id);

  it('is newest first, without payloads and results', async () => {
    const submitted = [await client.submit(), await client.submit(), await client.submit()];
    const all = await page();
    expect(ids(all)).toEqual(submitted.reverse());
    expect(all.next_cursor).toBeNull();
    expect(Object.keys(all.tasks[0] ?? {})).not.toEqual(expect.arrayContaining(['payload']));
  });

  it('gives every task once, page by page, while others are submitted', async () => {
    const submitted: string[] = [];
    for (let n = 0; n < 25; n += 1) submitted.push(await client.submit());
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next: Page = await page(`limit=10${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...ids(next));
      cursor = next.next_cursor;
      await client.submit();
    }
    expect(seen).toEqual(submitted.reverse());
  });

  it('is filtered by status, type, agent and time', async () => {
    const later = await client.submit({ run_at: '2099-01-01T00:00:00Z' });
    const now = await client.submit();
    const past = '2020-01-01T00:00:00Z';
    expect(ids(await page('status=scheduled'))).toEqual([later]);
    expect(ids(await page('status=queued&task_type=analytics&agent=dash'))).toEqual([now]);
    expect(ids(await page('agent=maya'))).toEqual([]);
    expect(ids(await page(`created_after=${past}&limit=1`))).toEqual([now]);
    expect(ids(await page(`created_before=${past}`))).toEqual([]);
  });

  it('is filtered by several statuses, priority, operation, parent, submitter, error and how something begins', async () => {
    const [a, b, c] = [
      await client.submit({ priority: 'high' }),
      await client.submit({ run_at: '2099-01-01T00:00:00Z' }),
      await client.submit(),
    ];
    const error = { code: 'query_failed', message: 'x', permanent: true };
    await gateway.worker.results.fail(await gateway.worker.claim(tenantId, c), error);
    const { key_id: keyId } = (await client.get<{ key_id: string }>('/api/v1/me')).body;
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['status=failed,scheduled', [c, b]],
      ['status=failed,scheduled&priority=high', []],
      ['priority=high', [a]],
      ['operation=query', [c, b, a]],
      ['operation=que', []],
      ['error_code=query_failed', [c]],
      [`parent_id=${a}`, []],
      [`submitted_by=${keyId}`, [c, b, a]],
      ['q=query_f', [c]],
      ['q=que&status=queued', [a]],
      [`q=${a.slice(0, 35)}&priority=high`, [a]],
      ['label=customer:acme', []],
    ];
    for (const [query, expected] of cases) {
      const found = await page(query);
      expect([query, ids(found), found.partial]).toEqual([query, expected, false]);
    }
    expect((await page('status=failed')).tasks[0]).toMatchObject({ operation: 'query', labels: {}, parent_id: null });
  });

  it('names the key that submitted a task, one by one', async () => {
    const id = await client.submit();
    const { name, key_id: keyId } = (await client.get<{ name: string; key_id: string }>('/api/v1/me')).body;
    const { body } = await client.get(`/api/v1/tasks/${id}`);
    expect(body).toMatchObject({ submitted_by: keyId, submitted_by_name: name });
  });

  it('shows the labels that the tenant has chosen, and finds tasks by them', async () => {
    const labels = { method: 'PUT', body: { value: ['customer', 'order no'] } };
    expect((await client.call('/api/v1/settings/task-labels', labels)).status).toBe(201);
    const a = await client.submit({ metadata: { customer: 'acme: north', 'order no': 7, more: 'x' } });
    const b = await client.submit({ metadata: { customer: 'acme: north' } });
    const customer = `label=${encodeURIComponent('customer:acme: north')}`;
    expect(ids(await page(customer))).toEqual([b, a]);
    expect(ids(await page(`${customer}&label=order%20no:7`))).toEqual([a]);
    expect(ids(await page('q=acme'))).toEqual([b, a]);
    expect((await client.get(`/api/v1/tasks/${a}`)).body).toMatchObject({
      labels: { customer: 'acme: north', 'order no': '7' },
      metadata: { more: 'x' },
    });
  });

  it.each([
    ['a key with a colon', ['a:b']],
    ['a key twice', ['a', 'a']],
    ['too many', ['1', '2', '3', '4', '5', '6', '7', '8', '9']],
    ['no key', ['']],
  ])('has no labels by %s', async (_, value) => {
    const answer = await client.call('/api/v1/settings/task-labels', { method: 'PUT', body: { value } });
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'invalid_request' }]);
  });

  it.each(['x', 'djE6eA', Buffer.from('v2:019a0000-0000-7000-8000-000000000000').toString('base64url')])(
    'names a wrong cursor: %s',
    async (cursor) => {
      const answer = await client.get(`/api/v1/tasks?cursor=${cursor}`);
      expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer: '/cursor' }] }]);
    },
  );

  it.each([
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['status=done', '/status'],
    ['status=queued&status=failed', '/status'],
    ['status=queued,done', '/status'],
    ['status=', '/status'],
    ['priority=urgent', '/priority'],
    ['label=customer', '/label'],
    ['label=:acme', '/label'],
    ['parent_id=7', '/parent_id'],
    ['q=', '/q'],
    ['q=%20', '/q'],
    ['q=a%00', '/q'],
    ['created_after=yesterday', '/created_after'],
    ['offset=3', '/offset'],
  ])('refuses %s', async (query, pointer) => {
    const answer = await client.get(`/api/v1/tasks?${query}`);
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer }] }]);
  });
});
