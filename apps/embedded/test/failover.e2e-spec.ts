import { eventually } from '@pulser/testing';

import { Apart } from './apart.js';

const query = (n: number) => ({
  task_type: 'analytics',
  payload: { operation: 'query', sources: [], sql: `select ${n} as n` },
});

interface Row {
  readonly task_id: string;
  readonly status: string;
  readonly agent: string;
  readonly epoch: number;
  readonly attempts: number;
  readonly completed_at: string | null;
}

/** How many tasks are under way when the agent fails. */
const under = 30;

describe('an agent that fails, with its tasks', () => {
  let apart: Apart;

  beforeEach(async () => {
    const services = ['gateway', 'router', 'agents/dash', 'agents/data_fabcon'] as const;
    apart = await Apart.start({ LEASE_S: '10', CONCURRENCY: '2' }, services);
    // Both have registered; the gateway and the router know it.
    await eventually(async () => {
      expect(await apart.call('/api/v1/task-types')).toMatchObject({
        task_types: expect.arrayContaining([
          expect.objectContaining({ task_type: 'analytics', backups: ['data_fabcon'] }),
        ]) as unknown,
      });
    });
  }, 240_000);

  afterEach(() => apart.stop());

  /** What the leader of the health services decides, which does not run here. */
  const judge = async (share: number, standIn: string | null): Promise<void> => {
    await apart.database.query(
      `insert into agent_status (agent_name, status, reasons, share, stand_in, epoch, updated_at)
       values ('dash', $1, $2, $3, $4, 1, now() + interval '1 hour')
       on conflict (agent_name) do update set status = $1, reasons = $2, share = $3, stand_in = $4, since = now()`,
      [share === 0 ? 'unhealthy' : 'healthy', share === 0 ? ['no worker answers'] : [], share, standIn],
    );
    const at = new Date().toISOString();
    const change = { agent: 'dash', status: 'unhealthy', reasons: [], share, stand_in: standIn, epoch: 1, at };
    await apart.broker.use(async (channel) => {
      channel.publish('pulser.events', 'agent.health-changed', Buffer.from(JSON.stringify(change)));
      await channel.waitForConfirms();
    });
  };

  const submit = async (n: number): Promise<string> => {
    const { task_id: id } = await apart.call<{ task_id: string }>('/api/v1/tasks', query(n));
    return id;
  };

  const rows = (ids: readonly string[]): Promise<Row[]> =>
    apart.database.query<Row>(
      `select task_id, status, assigned_agent as agent, epoch, attempts, completed_at::text from task_queue
       where task_id = any ($1) order by task_id`,
      [ids],
    );

  const allEnded = (ids: readonly string[]): Promise<Row[]> =>
    eventually(async () => {
      const found = await rows(ids);
      expect(found.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
      return found;
    });

  /** Fails it under load. @returns its tasks as they ended, and a new one */
  const failUnderLoad = async (fail: () => unknown): Promise<Row[]> => {
    const ids = await Promise.all(Array.from({ length: under }, (_, n) => submit(n)));
    await eventually(async () => {
      expect((await rows(ids)).some(({ agent, status }) => agent === 'dash' && status === 'completed')).toBe(true);
    });
    await fail();
    await judge(0, 'data_fabcon');
    const fresh = await submit(1_000);
    await eventually(async () => {
      expect(await rows([fresh])).toMatchObject([{ status: 'completed', agent: 'data_fabcon' }]);
    });
    return allEnded([...ids, fresh]);
  };

  const check = (ended: readonly Row[]): void => {
    expect(ended).toHaveLength(under + 1);
    // What it ran when it failed counts an attempt; everything else ran once.
    expect(ended.filter(({ attempts }) => attempts > 1).length).toBeLessThanOrEqual(2);
    expect(Math.max(...ended.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2);
  };

  it('frozen: loses none, and changes none when it wakes up', async () => {
    const ended = await failUnderLoad(() => {
      apart.signal('agents/dash', 'SIGSTOP');
    });
    check(ended);
    apart.signal('agents/dash', 'SIGCONT');
    await judge(100, null);
    // It has had its old messages when it has ended a new task behind them.
    const last = await submit(2_000);
    await eventually(async () => {
      expect(await rows([last])).toMatchObject([{ status: 'completed', agent: 'dash' }]);
    });
    expect(await rows(ended.map(({ task_id }) => task_id))).toEqual(ended);
  }, 360_000);

  it('killed: loses none, and changes none when it is started again', async () => {
    const ended = await failUnderLoad(() => apart.end('agents/dash', 'SIGKILL'));
    check(ended);
    await apart.run('agents/dash');
    await judge(100, null);
    const last = await submit(2_000);
    await eventually(async () => {
      expect(await rows([last])).toMatchObject([{ status: 'completed', agent: 'dash' }]);
    });
    expect(await rows(ended.map(({ task_id }) => task_id))).toEqual(ended);
  }, 360_000);

  it('deaf, alive but cut off from its queue: loses none', async () => {
    check(await failUnderLoad(() => apart.deafen('agents/dash')));
  }, 360_000);
});
