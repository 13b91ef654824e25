import type { QuotasView } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

const task = { task_type: 'analytics', payload: { operation: 'query' } };

interface BatchAnswer {
  readonly accepted: number;
  readonly items: readonly { readonly code?: string }[];
}

describe('a tenant whose tasks wait', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await (await sharedGateway()).beside({ QUEUE_QUOTA: '5' });
    ({ client, tenantId } = await gateway.client());
  });

  afterAll(() => gateway.service.close());

  it('may submit as many as its quota, scheduled ones included, and is then told when to come again', async () => {
    await client.submit({ run_at: '2099-01-01T00:00:00Z' });
    for (let n = 0; n < 4; n += 1) await client.submit();
    const refused = await client.call('/api/v1/tasks', { body: task });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(refused.body).toMatchObject({ code: 'queue_full', title: 'Too many tasks of this tenant wait' });
    const checked = await client.call('/api/v1/tasks?dry_run=true', { body: task });
    expect([checked.status, checked.headers.get('retry-after'), checked.body]).toMatchObject([
      ...[429, '5', { code: 'queue_full' }],
    ]);
  });

  it('is told what is used, and until when', async () => {
    const { waiting, today } = (await client.get<QuotasView>('/api/v1/quotas')).body;
    expect(waiting).toEqual({ used: 5, quota: 5 });
    expect(today.used).toBe(5);
    expect(today.quota).toBe(10_000_000);
    const midnight = new Date(today.ends_at);
    expect(Math.abs(((midnight.getTime() + 43_200_000) % 86_400_000) - 43_200_000)).toBeLessThan(2_000);
  });

  it('does not take the room of others', async () => {
    const { client: other } = await gateway.client('other');
    await other.submit();
  });

  it('may submit again when tasks have ended, each item of a batch as far as there is room', async () => {
    const { body } = await client.get<{ tasks: readonly { task_id: string }[] }>('/api/v1/tasks?status=queued');
    for (const { task_id } of body.tasks.slice(0, 2)) await gateway.worker.complete(tenantId, task_id);
    await eventually(async () => {
      const answer = await client.call<BatchAnswer>('/api/v1/tasks/batch', { body: { tasks: [task, task, task] } });
      expect(answer.body.accepted).toBe(2);
      expect(answer.body.items.map(({ code }) => code)).toEqual([undefined, undefined, 'queue_full']);
    });
  });

  it('may have a quota of its own', async () => {
    const { client: large, tenantId: largeId } = await gateway.client('large');
    await gateway.database.query('update tenant set max_waiting = 8 where tenant_id = $1', [largeId]);
    for (let n = 0; n < 8; n += 1) await large.submit();
    expect((await large.call('/api/v1/tasks', { body: task })).status).toBe(429);
  });
});
