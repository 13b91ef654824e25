import { systemTenantId } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { HealthUnderTest, type WorkerStandIn } from './health-under-test.js';

describe('the health service', () => {
  let under: HealthUnderTest;
  let dash: WorkerStandIn;

  const becomes = (expected: object): Promise<void> =>
    eventually(async () => {
      expect(await under.of('dash')).toMatchObject(expected);
    });

  beforeAll(async () => {
    under = await HealthUnderTest.start();
    dash = await under.worker('dash');
    await under.worker('data_fabcon');
    await becomes({ status: 'healthy', share: 100, standIn: null, reasons: [] });
  });

  afterAll(() => under.stop());

  it('sends canaries through the queue of each agent, which nothing counts', async () => {
    await eventually(async () => {
      expect(await under.metrics()).toMatch(/pulser_agent_canary_seconds\{agent="dash"\} 0\.\d+/);
    });
    const kept = await under.server.query(
      `select tenant_id from task_delta union all select tenant_id from task_count union all select tenant_id from task_facet
       union all select tenant_id from agent_rollup union all select tenant_id from task_event`,
    );
    expect(kept).toEqual([]);
    const tasks = await under.server.query<{ tenant_id: string }>('select tenant_id from task_queue');
    expect(tasks.every(({ tenant_id }) => tenant_id === systemTenantId)).toBe(true);
    expect(tasks.length).toBeLessThan(5);
  });

  it('has an agent that takes no messages replaced, and gives its tasks back by and by', async () => {
    await dash.stopListening();
    await becomes({
      status: 'unhealthy',
      share: 0,
      standIn: 'data_fabcon',
      reasons: expect.arrayContaining(['no worker takes messages from its queue']) as unknown,
    });
    await dash.listen();
    await becomes({ status: 'healthy', share: 100, standIn: null });
    const changes = await under.statuses.changes('dash', new Date(0), new Date('2100-01-01'), 100);
    expect(changes.map(({ share }) => share).toReversed()).toEqual([100, 0, 0, 1, 10, 50, 100]);
  });

  it('notices one that hangs: it beats, but a canary does not come back', async () => {
    dash.isStuck = true;
    await becomes({ status: 'unhealthy', reasons: [expect.stringMatching(/^a canary has been away for \d/)] });
    dash.isStuck = false;
    await dash.stopListening();
    await dash.listen();
    await becomes({ status: 'healthy', share: 100 });
  });

  it('notices one that stands still, with its consumer', async () => {
    dash.silence();
    await becomes({
      status: 'unhealthy',
      reasons: expect.arrayContaining([expect.stringMatching(/^no worker was heard of for/)]) as unknown,
    });
    dash.beat();
    await becomes({ status: 'healthy', share: 100 });
  });

  it('made one incident of each, which is over when the agent has its tasks again', async () => {
    // Written after the status, in the same round.
    await eventually(async () => {
      const states = await under.server.query<{ state: string; subject: string }>(
        `select distinct state, subject from incident where key = 'agent/dash'`,
      );
      expect(states).toEqual([{ state: 'resolved', subject: 'dash' }]);
    });
  });

  it('makes one incident of a server of tools whose definitions wait for a review, which is over when they do not', async () => {
    const states = async () =>
      under.server.query<{ kind: string; state: string }>(`select kind, state from incident where key = 'mcp/github'`);
    const server = { name: 'github', state: 'ready', last_error: null };
    await eventually(async () => {
      await under.say('mcp.heartbeat', { instance: 'c', servers: [{ ...server, quarantined: ['pr_merge'] }] });
      expect(await states()).toEqual([{ kind: 'mcp_tools_quarantined', state: 'open' }]);
    });
    await eventually(async () => {
      await under.say('mcp.heartbeat', { instance: 'c', servers: [{ ...server, quarantined: [] }] });
      expect((await states()).map(({ state }) => state)).toEqual(['resolved']);
    });
    await under.say('mcp.heartbeat', { instance: 'c', leaving: true, servers: [] });
  });

  it('keeps what it measured', async () => {
    await eventually(async () => {
      const samples = await under.history.read('dash', 'minute', new Date(0), new Date('2100-01-01'), 86_400);
      expect(samples[0]).toMatchObject({ memoryMb: 100, running: 0 });
      expect(samples[0]?.unhealthyS).toBeGreaterThan(1);
      expect(samples[0]?.canaries).toBeGreaterThan(2);
      expect(samples[0]?.canariesLost).toBeGreaterThan(0);
    });
  });

  it('does not miss one that has said that it leaves, for a while', async () => {
    const left = Date.now();
    await dash.leave();
    await becomes({ status: 'unhealthy' });
    expect((await under.of('dash'))?.since.getTime()).toBeGreaterThan(left + 9_000);
  });
});
