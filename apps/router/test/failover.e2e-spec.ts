import { bucketOf, Pauses, systemActor, TaskClaims, TaskResults, UnclaimedTasks } from '@pulser/context-bus';
import type { AgentName, Priority } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { ConsumingAgent } from './consuming-agent.js';
import { newTask, RouterUnderTest } from './router-under-test.js';

const plans = (count: number, priority: Priority = 'medium') =>
  Array.from({ length: count }, () => newTask({ priority }));

const sorted = (ids: readonly string[]): string[] => [...ids].sort();

/** More wait than this by hand: FAILOVER_ROWS=1000000, with minutes for their insertion. */
const manyRows = Number(process.env['FAILOVER_ROWS'] ?? 20_000);

describe('tasks of an agent that fails', () => {
  let under: RouterUnderTest;
  const consuming: ConsumingAgent[] = [];

  const start = async (routers = 1): Promise<void> => {
    under = await RouterUnderTest.start(routers);
    await under.addBackup('maya');
    await under.judge('dash', { share: 100, announced: routers > 0 });
  };

  const consume = async (agent: AgentName): Promise<ConsumingAgent> => {
    const one = await ConsumingAgent.start(under, agent);
    consuming.push(one);
    return one;
  };

  const fails = (standIn: AgentName | null = 'maya') => under.judge('dash', { share: 0, standIn });

  afterEach(async () => {
    await Promise.all(consuming.splice(0).map((one) => one.stop()));
    await under.stop();
  });

  const completed = async (count: number): Promise<void> => {
    const [row] = await under.server.query<{ tasks: number }>(
      `select count(*)::int as tasks from task_queue where status = 'completed'`,
    );
    expect(row?.tasks).toBe(count);
  };

  /** As if what lies in its queue had been sent for the sixth time a minute ago: it would be sent again in three. */
  const sentLongAgo = () =>
    under.server.query(
      `update task_queue set dispatches = 6, due_at = now() + interval '196 s' where status = 'queued'`,
    );

  it('go to its stand-in at once: new ones, those in its queue, and those that wait; each is run once', async () => {
    await start();
    // More than its queue takes.
    const ids = await under.submit(plans(600, 'low'));
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBeGreaterThanOrEqual(256);
    });
    await sentLongAgo();
    const maya = await consume('maya');
    await fails();
    const since = performance.now();
    ids.push(...(await under.submit(plans(20, 'high'))));
    await eventually(() => completed(620));
    // Long before they would have been sent again by themselves.
    expect((maya.firstEndedAt ?? Infinity) - since).toBeLessThan(100_000);
    expect(sorted(maya.ran)).toEqual(sorted(ids));

    // It wakes up: what it takes from its queue now has been done.
    const dash = await consume('dash');
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBe(0);
    });
    expect(dash.heard.length).toBeGreaterThanOrEqual(256);
    expect(dash.ran).toEqual([]);
    await completed(620);
    await eventually(async () => {
      expect(await under.metrics()).toContain('pulser_breaker_state{target="agent.dash"} 2');
    });
  });

  it('are sent to the stand-in once, also by several routers', async () => {
    await start(3);
    const ids = await under.submit(plans(100));
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBe(100);
    });
    await sentLongAgo();
    await fails();
    await eventually(async () => {
      expect(await under.depth('agent.maya')).toBe(100);
    });
    const sent = await under.dispatches('maya');
    expect(sorted(sent.map(({ task_id }) => task_id))).toEqual(sorted(ids));
    expect(await under.dispatches('maya')).toEqual([]);
  });

  it('are not its canaries: these show how the agent itself is', async () => {
    await start();
    await fails();
    const maya = await consume('maya');
    // More than fits, so that the router looks for what it has skipped; the canary lies among it.
    const ids = await under.submit(plans(700, 'high'));
    const [canary = ''] = await under.submit(plans(1, 'high'), { announced: false });
    await under.server.query(`update task_queue set due_at = now() + interval '1 hour' where task_id = $1`, [canary]);
    ids.push(...(await under.submit(plans(700, 'high'))));
    await eventually(() => completed(1_400));
    expect(sorted(maya.ran)).toEqual(sorted(ids));
    expect(await under.depth('agent.dash')).toBe(0);
  });

  it('are sent to it by a router that starts afterwards', async () => {
    await start(0);
    await under.submit(plans(30), { announced: false });
    await sentLongAgo();
    await under.judge('dash', { share: 0, standIn: 'maya', announced: false });
    await under.addRouter();
    await eventually(async () => {
      expect(await under.depth('agent.maya')).toBe(30);
    });
  });

  it('take their turns with the tasks of the stand-in', async () => {
    await start();
    await under.ownType('maya', 'documentation');
    await fails();
    await under.submit(plans(2_000), { announced: false });
    await under.submit(
      plans(300).map((plan) => ({ ...plan, task_type: 'documentation', agent: 'maya' })),
      { announced: false },
    );
    await under.server.query('update task_queue set due_at = now()');
    await eventually(async () => {
      expect(await under.depth('agent.maya')).toBeGreaterThanOrEqual(300);
    });
    const types = Map.groupBy(await under.dispatches('maya'), ({ task_type }) => task_type);
    expect(types.get('documentation')?.length).toBeGreaterThanOrEqual(100);
    expect(types.get('analytics')?.length).toBeGreaterThanOrEqual(100);
  });

  it('wait for it while nobody stands in, and go to a stand-in that is found later', async () => {
    await start();
    await fails(null);
    await eventually(async () => {
      await under.submit(plans(1));
      expect(await under.depth('agent.dash')).toBeGreaterThan(0);
    });
    const ids = await under.submit(plans(20));
    await sentLongAgo();
    expect(await under.depth('agent.maya')).toBe(0);
    const maya = await consume('maya');
    await fails('maya');
    await eventually(() => {
      for (const id of ids) expect(maya.ran).toContain(id);
    });
    expect(new Set(maya.ran).size).toBe(maya.ran.length);
  });

  it('stay paused with it: its stand-in does not run them', async () => {
    await start();
    await fails();
    const maya = await consume('maya');
    const pauses = new Pauses(under.database);
    await pauses.pause(under.tenantId, systemActor('test'), { agent: 'dash' });
    const [taskId = ''] = await under.submit(plans(1));
    await eventually(() => {
      expect(maya.heard).toContain(taskId);
    });
    await eventually(async () => {
      expect(await under.depth('agent.maya')).toBe(0);
    });
    expect(maya.ran).toEqual([]);
    await pauses.resume(under.tenantId, systemActor('test'), { agent: 'dash' });
    await eventually(() => completed(1));
    expect(maya.ran).toEqual([taskId]);
  });

  it('come back to it by shares, those that wait too, always the same ones', async () => {
    await start();
    await fails();
    await eventually(async () => {
      await under.submit(plans(1));
      expect(await under.depth('agent.maya')).toBeGreaterThan(0);
    });
    await under.server.query(`update task_queue set status = 'cancelled', due_at = null, completed_at = now()`);
    await under.judge('dash', { share: 10, standIn: 'maya' });
    const [dash, maya] = [await consume('dash'), await consume('maya')];
    const done = maya.heard.length;
    const announced = await under.submit(plans(500));
    const waiting = await under.submit(plans(500), { announced: false });
    await eventually(() => completed(1_000));
    const own = [...announced, ...waiting].filter((id) => bucketOf(id) < 10);
    expect(sorted(dash.ran)).toEqual(sorted(own));
    expect(maya.ran).toHaveLength(1_000 - own.length);
    expect(done).toBeLessThanOrEqual(maya.heard.length);

    await under.judge('dash', { share: 100 });
    const all = await under.submit(plans(200));
    await eventually(() => completed(1_200));
    for (const id of all) expect(dash.ran).toContain(id);
  });

  it('are not held up by an agent on trial that hangs again', async () => {
    await start();
    await under.judge('dash', { share: 50, standIn: 'maya' });
    const maya = await consume('maya');
    const ids = await under.submit(plans(2_000), { announced: false });
    await under.server.query('update task_queue set due_at = now()');
    // Its half fills its queue, which nobody empties; the others go on.
    const inItsQueue = 384;
    await eventually(() => {
      expect(maya.ran.length).toBeGreaterThanOrEqual(ids.length - 2 * inItsQueue);
    });
  });

  it('that it was running when it froze end once: what it writes late does nothing', async () => {
    await start();
    const [taskId = ''] = await under.submit(plans(1));
    const holder = { agent: 'dash', worker: 'dash-1', leaseMs: 300 };
    const claims = new TaskClaims(under.database, holder);
    const claim = await eventually(async () => {
      const [dispatch] = await under.dispatches('dash');
      if (dispatch === undefined) throw new Error('Nothing has come');
      return claims.claim({ tenantId: under.tenantId, taskId, dispatchId: dispatch.dispatch_id, wantsPayload: false });
    });
    if (claim === undefined) throw new Error('It was not claimed');
    const maya = await consume('maya');
    await fails();
    await eventually(() => completed(1));
    expect(maya.ran).toEqual([taskId]);
    expect([...(await claims.renew([claim]))]).toEqual([]);
    const results = new TaskResults(under.database);
    expect(await results.complete(claim, { by: 'the zombie' })).toBe(false);
    expect(await results.fail(claim, { code: 'handler_failed', message: 'late', permanent: true }, undefined)).toBe(
      false,
    );
    expect(await under.reads.find(under.tenantId, taskId)).toMatchObject({ status: 'completed', attempts: 2 });
  });

  it('that it ran without a claim end once: its result is refused when the stand-in has the task', async () => {
    await start();
    const [taskId = ''] = await under.submit(plans(1));
    const since = performance.now();
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBe(1);
    });
    const maya = await consume('maya');
    await fails();
    await eventually(() => completed(1));
    const unclaimed = new UnclaimedTasks(under.database, { agent: 'dash', worker: 'dash-1' });
    const late = { tenantId: under.tenantId, taskId, dispatchId: 7, since, result: { by: 'the zombie' } };
    expect(await unclaimed.complete(late)).toBeUndefined();
    expect(maya.ran).toEqual([taskId]);
    expect(await under.reads.find(under.tenantId, taskId)).toMatchObject({ attempts: 1, assignedAgent: 'maya' });
  });

  it(`come to the stand-in at once though ${manyRows} wait, at a cost that does not grow with them`, async () => {
    await start(0);
    await under.insertMany(manyRows);
    await sentLongAgoOfSome(under);
    await under.addRouter();
    await eventually(async () => {
      expect(await under.depth('agent.dash')).toBeGreaterThan(100);
    });
    const maya = await consume('maya');
    const since = performance.now();
    await fails();
    const [fresh = ''] = await under.submit(plans(1, 'high'));
    await eventually(
      () => {
        expect(maya.firstEndedAt).toBeDefined();
        expect(maya.ran).toContain(fresh);
      },
      { everyMs: 20 },
    );
    const firstMs = (maya.firstEndedAt ?? Infinity) - since;
    const before = maya.ran.length;
    const from = performance.now();
    await eventually(
      () => {
        expect(maya.ran.length).toBeGreaterThan(before + 2_000);
      },
      { everyMs: 20 },
    );
    const perTaskMs = (performance.now() - from) / (maya.ran.length - before);
    process.stdout.write(
      `${manyRows} waited: first after ${Math.round(firstMs)} ms, then ${perTaskMs.toFixed(2)} ms a task\n`,
    );
    expect(firstMs).toBeLessThan(100_000);
    expect(perTaskMs).toBeLessThan(100);
    expect(new Set(maya.ran).size).toBe(maya.ran.length);
  }, 1_800_000);
});

/** The newest ones were sent a moment ago, often before: they are due in minutes. */
const sentLongAgoOfSome = (under: RouterUnderTest) =>
  under.server.query(
    `update task_queue set dispatches = 6, due_at = now() + interval '196 s'
     where task_id in (select task_id from task_queue order by created_at desc limit 300)`,
  );
