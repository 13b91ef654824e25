import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

interface Pauses {
  readonly pauses: readonly Record<string, unknown>[];
}

describe('pauses', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client());
  });

  const call = async (path: string, body: object = {}): Promise<Pauses> =>
    (await client.call<Pauses>(`/api/v1/${path}`, { body })).body;

  it('of an agent hold until it is resumed: tasks are accepted, and wait', async () => {
    const { pauses } = await call('agents/dash/pause', { reason: 'maintenance' });
    expect(pauses).toEqual([
      {
        agent: 'dash',
        task_type: null,
        reason: 'maintenance',
        paused_at: expect.any(String) as string,
        for_all_tenants: false,
      },
    ]);
    const taskId = await client.submit();
    await expect(gateway.worker.claim(tenantId, taskId)).rejects.toThrow('lost');
    expect((await client.get(`/api/v1/tasks/${taskId}/explain`)).body).toMatchObject({
      reason: 'paused',
      data: { pause_reason: 'maintenance' },
    });
    expect(await call('agents/dash/resume')).toEqual({ pauses: [] });
    await gateway.worker.complete(tenantId, taskId);
  });

  it('of a task type are the tenant’s own', async () => {
    const { client: other } = await gateway.client('other');
    await call('task-types/analytics/pause');
    expect((await other.get<Pauses>('/api/v1/pauses')).body.pauses).toEqual([]);
    expect((await client.get<Pauses>('/api/v1/pauses')).body.pauses).toMatchObject([{ task_type: 'analytics' }]);
    await call('task-types/analytics/resume');
  });

  it.each(['agents/nobody/pause', 'agents/nobody/resume', 'task-types/nothing/pause', 'agents/analytics/pause'])(
    'of what does not exist (%s) are answered with 404',
    async (path) => {
      const { status, body } = await client.call(`/api/v1/${path}`, { method: 'POST' });
      const thing = path.startsWith('agents') ? 'agent' : 'task type';
      expect([status, body]).toMatchObject([404, { detail: `There is no such ${thing}` }]);
    },
  );
});
