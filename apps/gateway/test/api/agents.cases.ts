import type { AgentDetails, AgentHealthHistory, InstallationAgents } from '@pulser/contracts';

import type { Client } from '../client.js';
import type { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

interface Listed {
  readonly conditions: readonly object[];
  readonly workers?: InstallationAgents;
}

const measured = {
  ...{ response_p50_ms: 10, response_p95_ms: 20, response_p99_ms: 30, success_rate: 1, error_rate: 0, memory_mb: 100 },
  ...{ lag_ms: 1, queue_depth: 3, canary_ms: 12, consumers: 2, instances: 2, slots: 8, running: 1 },
};

describe('how agents are', () => {
  let gateway: GatewayUnderTest;
  let client: Client;
  let operator: Client;

  const says = (status: string, reasons: readonly string[], share: number, standIn: string | null): Promise<unknown> =>
    gateway.database.query(
      `insert into agent_status (agent_name, status, reasons, share, stand_in, epoch, figures)
       values ('dash', '${status}', '{${reasons.map((reason) => `"${reason}"`).join(',')}}', ${share},
         ${standIn === null ? 'null' : `'${standIn}'`}, 1, '${JSON.stringify(measured)}')
       on conflict (agent_name) do update set status = excluded.status, reasons = excluded.reasons, share = excluded.share,
         stand_in = excluded.stand_in, figures = excluded.figures, updated_at = now()`,
    );

  beforeAll(async () => {
    gateway = await sharedGateway();
    ({ client } = await gateway.client('acme'));
    ({ client: operator } = await gateway.operator('viewer'));
    await gateway.database.query(
      `insert into agent_health (agent_name, level, at, observed_s, degraded_s, unhealthy_s, canaries, canaries_lost, canary_ms,
         canary_max_ms, memory_mb, lag_ms, instances, slots, running, depth)
       select 'dash', 'minute', date_trunc('minute', now()) - n * interval '1 minute', 60, 0, n, 2, 0, 40, 30, 100 + n, 1, 2, 8, 1, 3
       from generate_series(0, 2) n`,
    );
    await gateway.database.query(
      `insert into agent_status_change (agent_name, at, status, reasons, share, stand_in, epoch)
       values ('dash', now() - interval '2 minutes', 'unhealthy', '{deaf}', 0, 'data_fabcon', 1)`,
    );
  });

  afterAll(() => gateway.database.query('truncate agent_status, agent_status_change, agent_health'));

  it('is unknown without a health service, or when it is silent', async () => {
    expect((await client.get<AgentDetails>('/api/v1/agents/dash')).body).toMatchObject({
      status: 'unknown',
      since: null,
    });
    await says('healthy', [], 100, null);
    await gateway.database.query(`update agent_status set updated_at = now() - interval '16 seconds'`);
    expect((await client.get<AgentDetails>('/api/v1/agents/dash')).body.status).toBe('unknown');
  });

  it('is told to tenants in words, with figures of their own tasks alone', async () => {
    await says('unhealthy', ['no worker takes messages from its queue'], 0, 'data_fabcon');
    const { body } = await client.get<AgentDetails>('/api/v1/agents/dash');
    expect(body).toMatchObject({
      ...{ agent: 'dash', status: 'unhealthy', reasons: ['no worker takes messages from its queue'] },
      ...{ share: 0, stand_in: 'data_fabcon', metrics: null, workers: null },
    });
    expect(body.figures).toEqual(expect.objectContaining({ completed: expect.any(Number) as number }));
    const listed = (await client.get<Listed>('/api/v1/agents')).body;
    expect(listed.conditions).toContainEqual(expect.objectContaining({ agent: 'dash', status: 'unhealthy' }));
    expect(listed).not.toHaveProperty('workers');
  });

  it('is told to keys of the installation with the metrics and workers of all', async () => {
    await says('degraded', ['tasks run 9 times as long as usual'], 100, null);
    const { body } = await operator.get<AgentDetails>('/api/v1/agents/dash');
    expect(body).toMatchObject({ status: 'degraded', figures: null, metrics: measured });
    expect(body.workers?.agents.map(({ agent }) => agent)).toEqual(['dash']);
    const { workers } = (await operator.get<Listed>('/api/v1/agents')).body;
    expect(workers?.agents).toContainEqual(
      expect.objectContaining({ agent: 'dash', instances: expect.any(Array) as [] }),
    );
  });

  it('has a history in steps, of which tenants see nothing that is of all', async () => {
    const path = '/api/v1/agents/dash/health?step=1m';
    const all = (await operator.get<AgentHealthHistory>(path)).body;
    expect(all.steps.map(({ unhealthy_s: bad, memory_mb: memory }) => [bad, memory])).toEqual([
      [2, 102],
      [1, 101],
      [0, 100],
    ]);
    expect(all.changes).toMatchObject([{ status: 'unhealthy', reasons: ['deaf'], share: 0, stand_in: 'data_fabcon' }]);
    const own = (await client.get<AgentHealthHistory>(path)).body;
    expect(own.changes).toEqual(all.changes);
    for (const step of own.steps)
      expect(step).toMatchObject({
        ...{ canary_mean_ms: 20, memory_mb: null, lag_ms: null, instances: null, slots: null, running: null },
        queue_depth: null,
      });
  });

  it('refuses what cannot be answered', async () => {
    const answers = await Promise.all(
      [
        '/api/v1/agents/nobody',
        '/api/v1/agents/nobody/health',
        '/api/v1/agents/dash/health?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
        '/api/v1/agents/dash/health?from=2020-01-01T00:00:00Z&step=1m',
        '/api/v1/agents/dash/health?stride=1m',
      ].map((path) => client.get<{ code: string }>(path)),
    );
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'not_found'],
      [404, 'not_found'],
      ...Array.from({ length: 3 }, () => [400, 'invalid_request']),
    ]);
  });
});
