import { Pauses, type TaskClaims, UnclaimedTasks } from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

describe('a task that is completed without a claim', () => {
  let life: TaskLife;
  let unclaimed: UnclaimedTasks;

  beforeAll(async () => {
    life = await TaskLife.start();
    unclaimed = new UnclaimedTasks(life.database, { agent: 'dash', worker: 'dash-2' });
  });

  afterAll(() => life.stop());

  const complete = async (taskId: string, result: unknown = { answer: 42 }): Promise<boolean> => {
    const { tenantId } = life;
    const since = performance.now() - 50;
    return (await unclaimed.complete({ tenantId, taskId, dispatchId: 7, since, result })) !== undefined;
  };

  const rowOf = async (taskId: string): Promise<Record<string, unknown>> => {
    const [row] = await life.server.query(
      `select status, epoch, attempts, assigned_agent, worker, dispatch_id::int, due_at, result,
         round(extract(epoch from completed_at - started_at) * 1000)::int as ran_ms from task_queue where task_id = $1`,
      [taskId],
    );
    return row ?? {};
  };

  it('goes straight from the queue to its end, with all that a claim would have written', async () => {
    const taskId = await life.submit();
    expect(await complete(taskId)).toBe(true);
    const { ran_ms, ...row } = await rowOf(taskId);
    expect(row).toEqual({
      status: 'completed',
      epoch: 1,
      attempts: 1,
      assigned_agent: 'dash',
      worker: 'dash-2',
      dispatch_id: 7,
      due_at: null,
      result: { answer: 42 },
    });
    expect(ran_ms).toBeGreaterThanOrEqual(50);
  });

  it('says how long it had waited before it ran', async () => {
    const submitted = performance.now();
    const taskId = await life.submit();
    await life.server.query(`update task_queue set created_at = now() - interval '1 s' where task_id = $1`, [taskId]);
    const since = performance.now() - 400;
    const done = await unclaimed.complete({ tenantId: life.tenantId, taskId, dispatchId: 7, since, result: {} });
    // What the test took, too.
    expect(done?.waitedMs).toBeGreaterThan(500);
    expect(done?.waitedMs).toBeLessThan(600 + performance.now() - submitted);
  });

  it('ends once, however many ran it', async () => {
    const taskId = await life.submit();
    const others = new UnclaimedTasks(life.database, { agent: 'dash', worker: 'dash-3' });
    const completion = { tenantId: life.tenantId, taskId, dispatchId: 7, since: performance.now(), result: {} };
    const ends = await Promise.all([unclaimed, unclaimed, others, others].map((worker) => worker.complete(completion)));
    expect(ends.filter((end) => end !== undefined)).toHaveLength(1);
    expect(await life.claim(taskId)).toBeUndefined();
  });

  it('does not end when another worker has it, nor when that one is lost', async () => {
    const taskId = await life.submit();
    await life.claimed(taskId);
    expect(await complete(taskId)).toBe(false);
    await life.makeDue(taskId);
    await life.sweep.rescueStuck(100);
    expect(await complete(taskId)).toBe(false);
    expect(await rowOf(taskId)).toMatchObject({ status: 'queued', result: null });
  });

  it('does not end when it was cancelled', async () => {
    const taskId = await life.submit();
    await life.cancels.cancel(life.tenantId, tester, taskId);
    expect(await complete(taskId)).toBe(false);
    expect(await rowOf(taskId)).toMatchObject({ status: 'cancelled', result: null });
  });

  it('does not end while its agent or its type is paused', async () => {
    const pauses = new Pauses(life.database);
    expect(await pauses.exist()).toBe(false);
    for (const [tenantId, target] of [
      [undefined, { agent: 'dash' }],
      [life.tenantId, { taskType: 'analytics' }],
    ] as const) {
      const taskId = await life.submit();
      await (tenantId === undefined ? pauses.pauseForAll(tester, target) : pauses.pause(tenantId, tester, target));
      expect(await pauses.exist()).toBe(true);
      expect(await complete(taskId)).toBe(false);
      await (tenantId === undefined ? pauses.resumeForAll(tester, target) : pauses.resume(tenantId, tester, target));
      expect(await complete(taskId)).toBe(true);
    }
  });

  it('is none that has a deadline', async () => {
    const taskId = await life.submit({ deadline_s: 3_600 });
    expect(await complete(taskId)).toBe(false);
  });

  it('fails alone when the database refuses its result', async () => {
    const [good, bad] = [await life.submit(), await life.submit()];
    const ends = await Promise.allSettled([complete(good), complete(bad, { text: '\u0000' })]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await life.status(good)).toBe('completed');
    expect(await life.status(bad)).toBe('queued');
  });
});

describe('a claim after an attempt without one', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  const claim = (taskId: string, more: object): ReturnType<TaskClaims['claim']> =>
    life.claims.claim({ tenantId: life.tenantId, taskId, dispatchId: 7, wantsPayload: false, ...more });

  it('that goes on counts its time from where it began', async () => {
    const taskId = await life.submit();
    expect(await claim(taskId, { ranMs: 5_000 })).toMatchObject({ attempt: 1, epoch: 1 });
    const [row] = await life.server.query<{ ran: number }>(
      'select extract(epoch from updated_at - started_at)::float8 as ran from task_queue where task_id = $1',
      [taskId],
    );
    expect(row?.ran).toBeCloseTo(5, 5);
  });

  it('that was lost with its worker counts both', async () => {
    const taskId = await life.submit({ max_attempts: 2 });
    expect(await claim(taskId, { afterUnclaimed: true })).toMatchObject({ attempt: 2 });
    await life.claims.takeOver({ tenantId: life.tenantId, taskId, dispatchId: 7, wantsPayload: false });
    expect(await life.reads.find(life.tenantId, taskId)).toMatchObject({
      status: 'failed',
      attempts: 2,
      error: { code: 'worker_lost' },
    });
  });

  it('counts itself alone when another claim came between, or the task has one attempt only', async () => {
    const [given, only] = [await life.submit({ max_attempts: 5 }), await life.submit({ max_attempts: 1 })];
    await life.claims.release([await life.claimed(given)]);
    expect(await claim(given, { afterUnclaimed: true })).toMatchObject({ attempt: 1 });
    expect(await claim(only, { afterUnclaimed: true })).toMatchObject({ attempt: 1, maxAttempts: 1 });
  });
});
