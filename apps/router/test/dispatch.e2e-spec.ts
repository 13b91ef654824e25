import type { Priority } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { newTask, RouterUnderTest } from './router-under-test.js';

const plan = (priority: Priority = 'medium') => newTask({ priority });

const plans = (count: number, priority?: Priority) => Array.from({ length: count }, () => plan(priority));

const cancelAll = `update task_queue set status = 'cancelled', due_at = null, completed_at = now()`;

describe('the router', () => {
  let under: RouterUnderTest;

  afterEach(() => under.stop());

  /** Each once: nobody runs them here, so after some seconds each is sent again. */
  const collect = (count: number): Promise<string[]> => {
    const seen = new Set<string>();
    return eventually(async () => {
      for (const { task_id } of await under.dispatches('dash')) seen.add(task_id);
      expect(seen.size).toBeGreaterThanOrEqual(count);
      return [...seen];
    });
  };

  it('finds tasks that no message announced', async () => {
    under = await RouterUnderTest.start();
    const ids = await under.submit(plans(20), { announced: false });
    expect((await collect(20)).sort()).toEqual(ids.sort());
  });

  it('keeps a window in the queue and the rest in the database', async () => {
    under = await RouterUnderTest.start();
    await under.submit(plans(1_000, 'low'));
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBeGreaterThanOrEqual(256);
    });
    expect(await under.depth('agent.dash')).toBeLessThan(400);
    expect(await collect(1_000)).toHaveLength(1_000);
  });

  it('lets a high task through though the window is full of low ones', async () => {
    under = await RouterUnderTest.start();
    await under.submit(plans(600, 'low'));
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBeGreaterThanOrEqual(256);
    });
    const [urgent] = await under.submit([plan('high')]);
    await eventually(async () => {
      const dispatch = await under.dispatch('dash');
      expect(dispatch?.task_id).toBe(urgent);
    });
  });

  it('puts tasks that end at once into few messages, those of one priority together', async () => {
    under = await RouterUnderTest.start();
    await eventually(async () => {
      // The router may not have heard of it yet when the tasks come.
      await under.beat('dash', 0);
      await under.beat('dash', 1_000_000);
      const ids = await under.submit([...plans(120), ...plans(120, 'high')]);
      const got: Awaited<ReturnType<typeof under.messages>> = [];
      await eventually(
        async () => {
          got.push(...(await under.messages('dash')));
          expect(got.flatMap(({ tasks }) => tasks).sort()).toEqual(ids.sort());
        },
        // Before they are sent again.
        { timeoutMs: 7_000 },
      ).finally(() => under.server.query(cancelAll));
      expect(got.map(({ tasks }) => tasks.length)).toEqual([60, 60, 60, 60]);
      expect(got.filter(({ priority }) => priority === 9).flatMap(({ tasks }) => tasks)).toHaveLength(120);
    });
  });

  it('sends tasks to the back-up of an agent without workers, those that wait too, and to the agent when it is back', async () => {
    under = await RouterUnderTest.start();
    await under.addBackup('maya');
    const arrive = async (agent: string, ids: readonly string[]): Promise<void> => {
      const got = new Set<string>();
      await eventually(async () => {
        for (const { task_id } of await under.dispatches(agent)) got.add(task_id);
        expect([...got].sort()).toEqual([...ids].sort());
      });
    };
    await arrive('dash', await under.submit(plans(5)));

    await under.silent('dash', 120);
    await eventually(async () => {
      const [first = ''] = await under.submit([plan()]);
      expect((await under.dispatches('maya')).map(({ task_id }) => task_id)).toContain(first);
    });
    await under.dispatches('dash');
    await under.dispatches('maya');
    await under.server.query(cancelAll);
    await arrive('maya', await under.submit(plans(400, 'low'), { announced: false }));

    await under.silent('dash', 0);
    await eventually(async () => {
      const [first = ''] = await under.submit([plan('high')]);
      expect((await under.dispatches('dash')).map(({ task_id }) => task_id)).toContain(first);
    });
  });

  it('shares the work with its replicas, each task sent by one of them', async () => {
    under = await RouterUnderTest.start(3);
    const ids = await under.submit(plans(100), { announced: false });
    await under.server.query('update task_queue set due_at = now()');
    const sent: string[] = [];
    await eventually(async () => {
      sent.push(...(await under.dispatches('dash')).map(({ task_id }) => task_id));
      expect(sent.length).toBeGreaterThanOrEqual(100);
    });
    // Whatever was sent again by now was counted there, too.
    const rows = await under.server.query<{ id: string; times: number }>(
      'select task_id as id, dispatches::int as times from task_queue',
    );
    const times = new Map(rows.map((row) => [row.id, row.times]));
    for (const [id, messages] of Map.groupBy(sent, (one) => one))
      expect(messages.length).toBeLessThanOrEqual(times.get(id) ?? 0);
    expect([...new Set(sent)].sort()).toEqual(ids.sort());
  });

  it('takes a task away from a worker that is gone and sends it again', async () => {
    under = await RouterUnderTest.start();
    const [taskId = ''] = await under.submit([plan()]);
    await collect(1);
    await under.server.query(
      `update task_queue set status = 'running', attempts = 1, epoch = 1, started_at = now(), due_at = now()`,
    );
    expect(await collect(1)).toEqual([taskId]);
    expect(await under.reads.find(under.tenantId, taskId)).toMatchObject({ status: 'queued', epoch: 2 });
  });

  it('sends everything again after the queue was lost with all that was in it', async () => {
    under = await RouterUnderTest.start();
    const ids = await under.submit(plans(50));
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBeGreaterThanOrEqual(50);
    });
    await under.broker.use((channel) => channel.deleteQueue(under.broker.named('agent.dash')));
    await under.server.query('update task_queue set due_at = now()');
    expect((await collectWhenThere(under)).sort()).toEqual(ids.sort());
  });

  it('sends again what was lost while no router ran, as soon as one starts', async () => {
    under = await RouterUnderTest.start();
    const ids = await under.submit(plans(20));
    await collect(20);
    // Batch from the queue and never claimed: their own time is far away.
    await under.server.query(`update task_queue set due_at = now() + interval '1 hour'`);
    await under.addRouter();
    expect((await collect(20)).sort()).toEqual(ids.sort());
  });

  const collectWhenThere = async (from: RouterUnderTest): Promise<string[]> => {
    await eventually(async () => {
      expect(await from.depth('agent.dash')).toBeGreaterThanOrEqual(50);
    });
    return collect(50);
  };
});
