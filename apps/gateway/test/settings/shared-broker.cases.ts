import { InProcessBroker, Publisher } from '@pulser/messaging';
import { SharedResources } from '@pulser/service-kit';
import { eventually } from '@pulser/testing';

import { GatewayUnderTest } from '../gateway-under-test.js';

describe('in a process that shares its broker', () => {
  const core = new InProcessBroker();
  const service = core.client();
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    await service.connect();
    const nobody = { AMQP_URL: 'amqp://127.0.0.1:1' };
    gateway = await GatewayUnderTest.start(() => nobody, new SharedResources().provide(InProcessBroker, core));
  });

  afterAll(async () => {
    await gateway.stop();
    await service.close();
  });

  it('tells it of tasks and hears from it, and needs no other', async () => {
    const { client, tenantId } = await gateway.client();
    expect((await client.get('/api/v1/status')).body).toMatchObject({ broker: 'up' });
    const taskId = await client.submit();
    await eventually(() => {
      expect(core.depth('router.tasks')).toBe(1);
    });
    const answer = client.get(`/api/v1/tasks/${taskId}?wait=30s`);
    await gateway.worker.complete(tenantId, taskId);
    const told = { task_id: taskId, tenant_id: tenantId, task_type: 'analytics', agent: 'dash', attempt: 1 } as const;
    await new Publisher(service).publish('task.completed', [told]);
    expect((await answer).body).toMatchObject({ status: 'completed' });
  });
});
