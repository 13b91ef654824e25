import type { AgentName, Priority } from '@pulser/contracts';
import { countMismatches, eventually } from '@pulser/testing';

import {
  DeadLetterCounts,
  DeadLetterDiscards,
  Folds,
  RawDeadLetters,
  TaskClaims,
  UnclaimedTasks,
  Upkeep,
  WaitingTasks,
} from '../src/index.js';
import { newTask, TaskLife, tester } from './task-life.js';

const failure = { code: 'handler_failed', message: 'no', permanent: false };

describe('kept counts', () => {
  let life: TaskLife;
  let folds: Folds;

  beforeEach(async () => {
    life = await TaskLife.start();
    folds = new Folds(life.database);
  });

  afterEach(() => life.stop());

  const mismatches = (): Promise<string[]> => countMismatches((text) => life.server.query(text));

  /** Tasks by state that have not ended. */
  const open = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await life.reads.open(life.tenantId)).map(({ status, tasks }) => [status, tasks]));

  const submitted = async (tasks: number, task = {}): Promise<string[]> => {
    const accepted = await life.inserts.insertAll(
      life.tenantId,
      Array.from({ length: tasks }, () => newTask(task)),
    );
    return accepted.map(({ taskId }) => taskId);
  };

  const claimed = (ids: readonly string[]) => Promise.all(ids.map((id, n) => life.claimed(id, n + 1)));

  /** Every statement of the engine that makes, moves or ends tasks, on tasks of its own. */
  const everything = async (): Promise<void> => {
    await submitted(2, { run_at: new Date(Date.now() + 3_600_000).toISOString() });
    const [due = ''] = await submitted(1, { run_at: new Date(Date.now() + 3_600_000).toISOString() });
    await life.makeDue(due);
    await life.sweep.promoteScheduled(10);

    // Completed, also by a back-up, and without a claim.
    const backUp = new TaskClaims(life.database, { agent: 'maya', worker: 'maya-1', leaseMs: 30_000 });
    const done = await claimed(await submitted(3, { priority: 'high' }));
    const [other = ''] = await submitted(1);
    const byOther = await backUp.claim({ tenantId: life.tenantId, taskId: other, dispatchId: 9, wantsPayload: false });
    if (byOther === undefined) throw new Error('The back-up got no claim');
    await life.claims.renew(done);
    await Promise.all([...done, byOther].map((claim) => life.results.complete(claim, { rows: [1] })));
    const [fast = ''] = await submitted(1, { payload: { operation: 7 } });
    await new UnclaimedTasks(life.database, { agent: 'dash', worker: 'dash-1' }).complete({
      tenantId: life.tenantId,
      taskId: fast,
      dispatchId: 1,
      since: performance.now() - 20,
      result: null,
    });

    // Retried, retried again after an attempt without a claim, failed for good with a descendant.
    const [parent = ''] = await submitted(1, { payload: {} });
    await submitted(1, { parent_id: parent });
    const [first, second] = await claimed([parent, ...(await submitted(1))]);
    if (first === undefined || second === undefined) throw new Error('No claims');
    await life.results.fail(first, failure, 0);
    await life.results.fail(second, failure, 60_000);
    await life.sweep.promoteScheduled(10);
    await life.results.fail(await life.claimed(parent), failure);
    const [lostFirst = ''] = await submitted(1);
    await life.claims.claim({
      tenantId: life.tenantId,
      taskId: lostFirst,
      dispatchId: 1,
      wantsPayload: false,
      afterUnclaimed: true,
    });

    // Released, suspended and woken, taken over, rescued to run again and to fail.
    await life.claims.release(await claimed(await submitted(2)));
    const [suspended, left] = await claimed(await submitted(2));
    if (suspended === undefined || left === undefined) throw new Error('No claims');
    await life.results.suspend(suspended, { timeLimitMs: 60_000 });
    await life.results.suspend(left, { timeLimitMs: 60_000 });
    await life.results.wake(life.tenantId, suspended.taskId);
    const [taken = ''] = await submitted(1);
    await life.claimed(taken, 77);
    await life.claims.takeOver({ tenantId: life.tenantId, taskId: taken, dispatchId: 77, wantsPayload: false });
    for (const max_attempts of [1, 2]) {
      const [lost = ''] = await submitted(1, { max_attempts });
      await life.claimed(lost);
      await life.makeDue(lost);
    }
    await life.sweep.rescueStuck(10);

    // Overdue in two ways, and cancelled with a descendant.
    const [late = '', tired = ''] = await submitted(2, { deadline_s: 1_000 });
    await life.server.query('update task_queue set deadline_at = now() where task_id = $1', [late]);
    await life.results.suspend(await life.claimed(tired), { timeLimitMs: 0 });
    await life.sweep.failOverdue(10);
    const [root = ''] = await submitted(1);
    await submitted(2, { parent_id: root });
    await life.claimed(root);
    await life.cancels.cancel(life.tenantId, tester, root);
  };

  it('equal the rows after every statement of the engine, folded and not folded', async () => {
    await everything();
    expect(await mismatches()).toEqual([]);
    const before = await open();
    expect(before).toMatchObject({ scheduled: 2, running: 1, retrying: 1, waiting: 1 });

    expect(await folds.foldTasks(7)).toBe(7);
    expect(await mismatches()).toEqual([]);
    await everything();
    while ((await folds.foldTasks(7)) > 0);
    while ((await folds.foldDeadLetters(2)) > 0);
    expect(await folds.pending()).toBe(0);
    expect(await mismatches()).toEqual([]);
    expect(await open()).toEqual(
      Object.fromEntries(Object.entries(before).map(([status, tasks]) => [status, 2 * tasks])),
    );
  });

  it('keep the waits and runs of tasks that completed, of the operation that they ran', async () => {
    const [claim] = await claimed(await submitted(1));
    if (claim === undefined) throw new Error('No claim');
    await life.server.query(
      `update task_queue set created_at = now() - interval '70 s', started_at = now() - interval '10 s'`,
    );
    await life.results.complete(claim, null);
    await folds.foldTasks(100);
    const [row] = await life.server.query<Record<'wait' | 'run' | 'exactWait' | 'exactRun', number>>(
      `select 2 * power(1.01 / 0.99, wait_buckets[1]) / (1.01 / 0.99 + 1) as wait,
         2 * power(1.01 / 0.99, run_buckets[1]) / (1.01 / 0.99 + 1) as run,
         (extract(epoch from t.started_at - t.created_at) * 1000)::float8 as "exactWait",
         (extract(epoch from t.completed_at - t.started_at) * 1000)::float8 as "exactRun"
       from rollup_live r, task_queue t where r.level = 'minute' and r.operation = 'query' and r.completed = 1`,
    );
    if (row === undefined) throw new Error('No rollup');
    expect(row.exactWait).toBeCloseTo(60_000, -1);
    expect(Math.abs(row.wait / row.exactWait - 1)).toBeLessThan(0.0101);
    expect(row.exactRun).toBeGreaterThan(9_999);
    expect(Math.abs(row.run / row.exactRun - 1)).toBeLessThan(0.0101);
  });

  it('are raised from minutes to hours and days, each once, whatever comes late', async () => {
    const age = (hours: number): Promise<unknown> =>
      life.server.query(
        `insert into task_queue (tenant_id, task_type, assigned_agent, payload, status, created_at, started_at, completed_at,
           attempts)
         select $1, 'analytics', 'dash', '{}', 'completed', m, m + n * interval '7 ms', m + n * interval '19 ms', 1
         from generate_series(1, 50) n, (select date_trunc('hour', now()) - $2 * interval '1 hour' as m) m`,
        [life.tenantId, hours],
      );
    const raised = async (): Promise<void> => {
      await folds.foldTasks(1_000);
      await folds.raise('minute', 1_000);
      await folds.raise('hour', 1_000);
    };
    for (const hours of [30, 30, 4, 0]) {
      await age(hours);
      expect(await mismatches()).toEqual([]);
      await raised();
      expect(await mismatches()).toEqual([]);
    }
    await raised();
    expect(
      await life.server.query(
        `select level, rolled, sum(completed)::int as completed from agent_rollup where at < date_trunc('day', now())
           or level <> 'day' group by 1, 2 order by 1, 2`,
      ),
    ).toEqual(expect.arrayContaining([{ level: 'hour', rolled: true, completed: 150 }]));

    // What is past its retention goes, unless the next level lacks it.
    await folds.dropOld({ minutesForHours: 2, hoursForDays: 1, daysForDays: 365 }, 1_000);
    expect(
      await life.server.query(`select level, sum(completed)::int as completed from rollup_live group by 1 order by 1`),
    ).toEqual([
      { level: 'day', completed: 200 },
      { level: 'hour', completed: 100 },
      { level: 'minute', completed: 50 },
    ]);
  });

  it('become telemetry, one row per metric, agent and minute', async () => {
    const done = (): Promise<unknown> =>
      life.server.query(
        `insert into task_queue (tenant_id, task_type, assigned_agent, payload, status, created_at, started_at, completed_at,
           attempts)
         select $1, 'analytics', 'dash', '{}', 'completed', m, m + interval '1 s', m + interval '3 s', 1
         from generate_series(1, 2), (select date_trunc('hour', now()) - interval '3 hours' as m) m`,
        [life.tenantId],
      );
    for (let round = 0; round < 2; round += 1) {
      await done();
      await folds.foldTasks(100);
      await folds.raise('minute', 100);
    }
    expect(
      await life.server.query(
        `select agent_name as agent, metric_name as metric, metric_value as value, unit, metadata ->> 'tasks' as tasks
         from agent_telemetry order by metric_name`,
      ),
    ).toEqual([
      { agent: 'dash', metric: 'run_time_mean', value: 2, unit: 's', tasks: '4' },
      { agent: 'dash', metric: 'tasks_completed', value: 4, unit: '1', tasks: null },
      { agent: 'dash', metric: 'tasks_submitted', value: 4, unit: '1', tasks: null },
      { agent: 'dash', metric: 'wait_time_mean', value: 1, unit: 's', tasks: '4' },
    ]);
  });

  it('answer what waits: depths of the router, the status of a tenant, its quota', async () => {
    await submitted(3);
    await submitted(2, { priority: 'high' });
    await submitted(1, { run_at: new Date(Date.now() + 3_600_000).toISOString() });
    await folds.foldTasks(1);
    const depth = (priority: Priority, tasks: number, agent: AgentName = 'dash') => ({ agent, priority, tasks });
    expect(await life.backlog.depths()).toEqual(expect.arrayContaining([depth('medium', 3), depth('high', 2)]));
    expect(await open()).toMatchObject({ scheduled: 1 });
    expect(await new WaitingTasks(life.database).of(life.tenantId, 4)).toEqual({ quota: 4, waiting: 6 });
    const other = await life.tenants.ensure('globex');
    expect(await life.reads.open(other)).toEqual([]);
    expect(await new WaitingTasks(life.database).of(other, 4)).toEqual({ quota: 4, waiting: 0 });
  });

  it('count dead letters with and without a tenant, settled and past their retention', async () => {
    const claims = await claimed(await submitted(3));
    await Promise.all(claims.map((claim) => life.results.fail(claim, failure)));
    const message = {
      tenantId: undefined,
      taskType: undefined,
      reason: 'invalid_api_key',
      error: failure,
      sourceQueue: 'q',
      routingKey: undefined,
      messageId: undefined,
      headers: {},
      body: Buffer.from('x'),
      messageKey: undefined,
    };
    await new RawDeadLetters(life.database).keep({ ...message, rejectionKey: 'a' });
    await folds.foldDeadLetters(10);
    await new RawDeadLetters(life.database).keep({ ...message, rejectionKey: 'b' });
    const counts = new DeadLetterCounts(life.database);
    const both = [
      { agent: 'dash', reason: 'handler_failed', count: 3 },
      { agent: null, reason: 'invalid_api_key', count: 2 },
    ];
    expect(await counts.open()).toEqual(expect.arrayContaining(both));

    await new DeadLetterDiscards(life.database).discardMany(
      life.tenantId,
      {},
      { reason: 'no', actor: tester, limit: 2 },
    );
    await life.server.query(`update task_queue set completed_at = now() - interval '9 days' where status = 'failed'`);
    await life.server.query(`update tenant set retention_days = 1`);
    expect(await mismatches()).not.toContainEqual(expect.stringContaining('dead letters'));
    await new Upkeep(life.database).dropExpiredTasks(30, 10);
    await folds.foldDeadLetters(10);
    await folds.dropZeros();
    expect(await mismatches()).not.toContainEqual(expect.stringContaining('dead letters'));
  });

  it('are folded once by many services at the same moment', async () => {
    const all = Array.from({ length: 6 }, () => new Folds(life.database));
    const rounds = Array.from({ length: 12 }, async (_, n) => {
      await Promise.all((await claimed(await submitted(5))).map((claim) => life.results.complete(claim, n)));
      await Promise.all(all.map((each) => each.foldTasks(3)));
      await Promise.all([folds.raise('minute', 3), folds.raise('hour', 3)]);
    });
    await Promise.all(rounds);
    expect(await mismatches()).toEqual([]);
    while ((await folds.pending()) > 0) await folds.foldTasks(100);
    expect(await mismatches()).toEqual([]);
  });

  it('lose nothing when a fold is ended in the middle', async () => {
    await submitted(20);
    const unfolded = await folds.pending();
    // Holds back the last step of a fold, which has then deleted its deltas.
    const holding = life.server
      .query('begin; lock table task_count in exclusive mode; select pg_sleep(60)')
      .catch(() => undefined);
    const end = async (part: string): Promise<boolean> => {
      const ended = await life.server.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
           and pid <> pg_backend_pid() and query like $1 and wait_event_type is not null`,
        [`%${part}%`],
      );
      return ended.length > 0;
    };
    await eventually(async () => {
      expect(
        await life.server.query(
          `select from pg_locks where mode = 'ExclusiveLock' and relation = 'task_count'::regclass`,
        ),
      ).toHaveLength(1);
    });
    const fold = folds.foldTasks(100).then(
      () => 'folded',
      () => 'ended',
    );
    await eventually(async () => {
      expect(await end('delete from task_delta')).toBe(true);
    });
    expect(await fold).toBe('ended');
    await end('pg_sleep(60)');
    await holding;

    expect(await folds.pending()).toBe(unfolded);
    expect(await mismatches()).toEqual([]);
    expect(await folds.foldTasks(100)).toBe(unfolded);
    expect(await mismatches()).toEqual([]);
  });
});
