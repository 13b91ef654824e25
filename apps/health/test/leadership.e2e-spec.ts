import { eventually } from '@pulser/testing';

import { HealthUnderTest, type WorkerStandIn } from './health-under-test.js';

describe('several health services', () => {
  let under: HealthUnderTest;
  let dash: WorkerStandIn;

  const leaders = async (): Promise<boolean[]> =>
    Promise.all(under.services.map(async (one) => /pulser_health_leader 1/.test(await under.metrics(one))));

  beforeAll(async () => {
    under = await HealthUnderTest.start(3, { HEALTH_COOL_DOWN_S: '600' });
    dash = await under.worker('dash');
    await under.worker('data_fabcon');
  });

  afterAll(() => under.stop());

  it('have one leader, which alone shows the agents', async () => {
    await eventually(async () => {
      expect((await leaders()).filter(Boolean)).toHaveLength(1);
      expect((await under.of('dash'))?.status).toBe('healthy');
    });
    const shown = await Promise.all(under.services.map((one) => under.metrics(one)));
    expect(shown.filter((text) => text.includes('pulser_agent_status{')).length).toBe(1);
  });

  it('go on where the leader stopped: one failover, whoever leads', async () => {
    await dash.stopListening();
    await eventually(async () => {
      expect(await under.of('dash')).toMatchObject({ share: 0, standIn: 'data_fabcon' });
    });
    // By then it has noted what it knows.
    await eventually(async () => {
      const [row] = await under.server.query<{ share: number }>(
        `select (memory -> 'agents' -> 'dash' -> 'failover' ->> 'share')::int as share from health_leader`,
      );
      expect(row?.share).toBe(0);
    });
    const before = await under.of('dash');
    const leader = (await leaders()).indexOf(true);
    await under.services.splice(leader, 1)[0]?.close();
    await dash.listen();
    await eventually(async () => {
      const after = await under.of('dash');
      expect(after?.epoch).toBe((before?.epoch ?? 0) + 1);
      expect(after).toMatchObject({ status: 'healthy', share: 0, standIn: 'data_fabcon' });
    });
    const changes = await under.statuses.changes('dash', new Date(0), new Date('2100-01-01'), 100);
    expect(changes.filter(({ share }) => share === 0).map(({ status }) => status)).toEqual(['healthy', 'unhealthy']);
  });
});
