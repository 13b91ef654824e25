import type { CheckedTask } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('a submission that is only checked', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeEach(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client(`dry-${crypto.randomUUID()}`));
  });

  const order = { task_type: 'analytics', payload: { operation: 'query' } };

  const check = (body: object = {}, headers: Readonly<Record<string, string>> = {}, of = client) =>
    of.call<CheckedTask>('/api/v1/tasks?dry_run=true', { body: { ...order, ...body }, headers });

  /** Rows of the tenant in everything that a submission writes. */
  const rows = () =>
    gateway.database.query(
      `select (select count(*) from task_queue where tenant_id = $1) as tasks,
         (select count(*) from task_facet where tenant_id = $1) as facets,
         (select count(*) from idempotency_key where tenant_id = $1) as keys,
         (select coalesce(sum(tasks), 0) from tenant_day where tenant_id = $1) as today`,
      [tenantId],
    );

  it('says what would become of it, and leaves nothing behind', async () => {
    const before = await rows();
    const answer = await check({ priority: 'high', run_at: '2099-01-01T00:00:00Z', deadline_s: 60 });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        dry_run: true,
        task_type: 'analytics',
        operation: 'query',
        priority: 'high',
        status: 'scheduled',
        agent: 'dash',
        max_attempts: expect.any(Number) as number,
        run_at: '2099-01-01T00:00:00Z',
        deadline_at: '2099-01-01T00:01:00.000Z',
        quotas: {
          waiting: { used: 0, quota: expect.any(Number) as number },
          today: { used: 0, quota: expect.any(Number) as number },
        },
        ahead: 0,
        recent_wait: null,
      },
    ]);
    expect(answer.headers.get('location')).toBeNull();
    expect((await client.get('/api/v1/tasks')).body).toMatchObject({ tasks: [] });
    expect(await rows()).toEqual(before);
  });

  it('uses no idempotency key', async () => {
    const key = { 'idempotency-key': 'night-1' };
    expect((await check({}, key)).status).toBe(200);
    const other = await client.call('/api/v1/tasks', { body: { ...order, priority: 'low' }, headers: key });
    expect([other.status, other.headers.get('idempotent-replayed')]).toEqual([202, null]);
    expect((await check({}, key)).status).toBe(200);
  });

  it('counts what is ahead, and knows how long others waited', async () => {
    await client.submit({ priority: 'high' });
    await client.submit();
    await client.submit({ priority: 'low' });
    expect((await check({ priority: 'high' })).body).toMatchObject({ ahead: 1, recent_wait: null });
    expect((await check()).body).toMatchObject({ ahead: 2, quotas: { waiting: { used: 3 } } });
    const taskId = await client.submit();
    await gateway.worker.complete(tenantId, taskId);
    const { recent_wait: wait } = (await check()).body;
    expect(wait).toMatchObject({ tasks: 1 });
    expect(wait?.p50_ms).toBeGreaterThan(0);
    expect(wait?.p50_ms).toBeLessThan(60_000);
    expect(wait?.p95_ms).toBe(wait?.p50_ms);
  });

  it.each([
    ['a type that nobody serves', { task_type: 'nonsense' }, 422, 'task_type_not_served'],
    ['a body that is none', { payload: 7 }, 400, 'invalid_request'],
  ])('is refused as a submission is: %s', async (_, body, status, code) => {
    const [checked, submitted] = [
      await check(body),
      await client.call('/api/v1/tasks', { body: { ...order, ...body } }),
    ];
    expect([checked.status, checked.body]).toMatchObject([status, { code }]);
    expect(checked.body).toEqual({ ...submitted.body, trace_id: expect.any(String) as string });
  });

  it('needs the rights of a submission', async () => {
    const { client: viewer } = await gateway.client(undefined, { role: 'viewer' });
    expect((await check({}, {}, viewer)).status).toBe(403);
    const { client: service } = await gateway.client(undefined, { role: 'operator', allowedTaskTypes: ['testing'] });
    expect((await check({}, {}, service)).status).toBe(403);
  });

  it.each(['dry_run=yes', 'dryrun=true', 'dry_run='])('refuses %s rather than submit', async (query) => {
    const answer = await client.call(`/api/v1/tasks?${query}`, { body: order });
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'invalid_request' }]);
    expect((await client.get('/api/v1/tasks')).body).toMatchObject({ tasks: [] });
  });

  it('is a submission with dry_run=false', async () => {
    expect((await client.call('/api/v1/tasks?dry_run=false', { body: order })).status).toBe(202);
  });
});
