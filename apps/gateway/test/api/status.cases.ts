import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('the installation', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client, tenantId } = await gateway.client());
  });

  it('shows its agents with schema and example of all they can do', async () => {
    const answer = await client.get('/api/v1/agents');
    expect(answer.body).toEqual({
      agents: [
        {
          agent: 'dash',
          version: 'test',
          task_types: ['analytics'],
          operations: [
            {
              task_type: 'analytics',
              operation: 'query',
              summary: 'Runs SQL',
              input_schema: { type: 'object' },
              example: { operation: 'query' },
            },
          ],
          registered_at: expect.any(String) as string,
          last_seen: expect.any(String) as string,
        },
        expect.objectContaining({ agent: 'data_fabcon' }),
      ],
      conditions: ['dash', 'data_fabcon'].map((agent) => expect.objectContaining({ agent }) as object),
    });
  });

  it('shows the task types with the schema and an example of each operation', async () => {
    expect((await client.get('/api/v1/task-types')).body).toEqual({
      task_types: [
        {
          task_type: 'analytics',
          agent: 'dash',
          backups: [],
          max_attempts: 4,
          time_limit_ms: 600_000,
          operations: [expect.objectContaining({ operation: 'query', input_schema: { type: 'object' } })],
        },
        expect.objectContaining({ task_type: 'data_pipeline' }),
      ],
    });
  });

  it('shows what of the caller waits and runs, and how the broker is', async () => {
    await client.submit({ priority: 'high' });
    await client.submit({ run_at: '2099-01-01T00:00:00Z' });
    const [running, done] = [await client.submit(), await client.submit()];
    await gateway.worker.claim(tenantId, running);
    await gateway.worker.complete(tenantId, done);
    const answer = await client.get('/api/v1/status');
    expect(answer.body).toEqual({
      tasks: { scheduled: 1, queued: 1, running: 1, retrying: 0, waiting: 0 },
      queues: [{ agent: 'dash', priority: 'high', tasks: 1 }],
      agents: ['dash', 'data_fabcon'].map((agent) => ({ agent, last_seen: expect.any(String) as string })),
      broker: 'up',
    });
  });
});
