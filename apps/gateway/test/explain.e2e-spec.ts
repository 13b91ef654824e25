import { Agents } from '@pulser/context-bus';
import { eventually } from '@pulser/testing';

import type { Client } from './client.js';
import { GatewayUnderTest } from './gateway-under-test.js';
import { Listener } from './listener.js';

interface Explanation {
  readonly reason: string;
  readonly sentence: string;
  readonly data: Record<string, unknown>;
}

describe('explain', () => {
  let gateway: GatewayUnderTest;
  let listener: Listener;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await GatewayUnderTest.start();
    listener = await Listener.start(gateway.broker);
    ({ client, tenantId } = await gateway.client());
  });

  afterAll(async () => {
    await listener.stop();
    await gateway.stop();
  });

  const explain = async (taskId: string): Promise<Explanation> =>
    (await client.get<Explanation>(`/api/v1/tasks/${taskId}/explain`)).body;

  const beat = (instance: string, running: number) =>
    listener.publisher.publish('agent.heartbeat', {
      agent: 'dash',
      instance,
      slots: 1,
      running,
      finished_total: 0,
      failed_total: 0,
      at: new Date().toISOString(),
    });

  it('says when a scheduled task starts', async () => {
    const taskId = await client.submit({ run_at: '2099-01-01T00:00:00Z' });
    expect(await explain(taskId)).toMatchObject({
      reason: 'scheduled',
      data: { starts_at: '2099-01-01T00:00:00.000Z' },
    });
  });

  it('counts the tasks of the caller that are ahead, and nobody else’s', async () => {
    const { client: other } = await gateway.client('other');
    await other.submit({ priority: 'high' });
    await client.submit({ priority: 'high' });
    await client.submit();
    const taskId = await client.submit();
    expect(await explain(taskId)).toMatchObject({
      reason: 'behind_others',
      data: { ahead_higher_priority: 1, ahead_same_priority: 1 },
    });
  });

  it('says that no worker of the agent runs, and that it has no free slot when one does', async () => {
    const taskId = await client.submit();
    await eventually(
      async () => {
        expect(await explain(taskId)).toMatchObject({ reason: 'no_worker' });
      },
      { everyMs: 250 },
    );
    await beat('dash-1', 1);
    await eventually(async () => {
      expect(await explain(taskId)).toMatchObject({ reason: 'behind_others', data: { all_slots_taken: true } });
    });
  });

  it('says when another worker takes the task of a silent one over', async () => {
    const taskId = await client.submit();
    await gateway.worker.claim(tenantId, taskId);
    await beat('dash-1', 1);
    await eventually(async () => {
      expect(await explain(taskId)).toMatchObject({ reason: 'running', data: { attempt: 1 } });
    });
    await eventually(
      async () => {
        const { reason, data } = await explain(taskId);
        expect(reason).toBe('worker_silent');
        expect(data['lease_until']).toMatch(/^20/);
      },
      { everyMs: 250 },
    );
  });

  describe('of a task whose agent has failed', () => {
    const judge = async (standIn: string | null): Promise<void> => {
      await gateway.database.query(
        `insert into agent_status (agent_name, status, reasons, share, stand_in, epoch, updated_at)
         values ('dash', 'unhealthy', '{"no canary came back for 35 s"}', 0, $1, 1, now() + interval '1 hour')
         on conflict (agent_name) do update set stand_in = $1, since = now()`,
        [standIn],
      );
      const at = new Date().toISOString();
      await listener.publisher.publish('agent.health-changed', {
        ...{ agent: 'dash', status: 'unhealthy', reasons: [], share: 0, stand_in: standIn, epoch: 1, at },
      });
    };

    beforeAll(async () => {
      const agents = new Agents(gateway.worker.database);
      const operations = [
        { task_type: 'analytics', operation: 'query', summary: '', input_schema: {}, example: { operation: 'query' } },
      ];
      const backup = { agent: 'data_fabcon', version: 'test', task_types: [{ task_type: 'analytics' }], operations };
      await agents.register(backup);
      const owned = [{ task_type: 'analytics', backups: ['data_fabcon'] }];
      await agents.register({ agent: 'dash', version: 'test', task_types: owned, operations });
    });

    afterAll(() => gateway.database.query('delete from agent_status'));

    it('says which other agent takes it, and when one runs it in its place', async () => {
      await judge('data_fabcon');
      const taskId = await client.submit();
      await eventually(async () => {
        const { sentence, data } = await explain(taskId);
        expect(sentence).toContain(
          'The agent dash is unhealthy (no canary came back for 35 s), so the agent data_fabcon takes it.',
        );
        expect(data).toMatchObject({ agent: 'dash', stand_in: 'data_fabcon' });
      });
      await gateway.worker.claim(tenantId, taskId, 'data_fabcon');
      expect(await explain(taskId)).toMatchObject({
        sentence: expect.stringContaining('in place of the agent dash') as string,
        data: { agent: 'data_fabcon', stands_in_for: 'dash' },
      });
    });

    it('says that nobody can take it', async () => {
      await judge(null);
      const taskId = await client.submit();
      await eventually(async () => {
        expect(await explain(taskId)).toMatchObject({
          reason: 'agents_down',
          sentence:
            'The agent dash is unhealthy (no canary came back for 35 s), and none of its back-ups (data_fabcon) can stand in for it: the task waits until one of them is back.',
        });
      });
    });
  });

  it('answers for an unknown task as for one of somebody else', async () => {
    const { client: other } = await gateway.client('other');
    const taskId = await client.submit();
    const [theirs, unknown] = await Promise.all(
      [taskId, '019a0000-0000-7000-8000-000000000001'].map((id) => other.get(`/api/v1/tasks/${id}/explain`)),
    );
    expect(theirs?.status).toBe(404);
    expect(theirs?.body['code']).toEqual(unknown?.body['code']);
  });
});
