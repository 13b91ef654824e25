import { FairShares, systemActor, TaskAmendments, UnclaimedTasks } from '../src/index.js';
import { TaskLife } from './task-life.js';

const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
const actor = systemActor('test');

describe('a task that is changed while it waits', () => {
  let life: TaskLife;
  let amendments: TaskAmendments;

  beforeAll(async () => {
    life = await TaskLife.start();
    amendments = new TaskAmendments(life.database);
  });

  afterAll(() => life.stop());

  beforeEach(() => life.server.query('delete from task_queue'));

  const amend = (taskId: string, amendment: Parameters<TaskAmendments['amend']>[3]['amendment'], tags?: string[]) =>
    amendments.amend(life.tenantId, actor, taskId, { amendment, tags });

  const take = async (priority: 'high' | 'medium' | 'low'): Promise<string[]> => {
    const { rows } = await life.backlog.take(
      { agent: 'dash', priority },
      { limit: 10, shares: new FairShares().snapshot },
    );
    return rows.map(({ task_id }) => task_id);
  };

  it('is dispatched at once in its higher priority, and runs once though two messages name it', async () => {
    const taskId = await life.submit();
    // Its first message is on its way: it is not due.
    expect(await take('medium')).toEqual([]);
    expect(await amend(taskId, { priority: 'high' })).toMatchObject({ kind: 'amended', task: { priority: 'high' } });
    expect(await take('medium')).toEqual([]);
    expect(await take('high')).toEqual([taskId]);
    const claims = await Promise.all([life.claim(taskId, 1), life.claim(taskId, 2)]);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('is not claimed before its start, and is promoted then', async () => {
    const taskId = await life.submit();
    expect(await amend(taskId, { runAt: inAnHour })).toMatchObject({ kind: 'amended', task: { status: 'scheduled' } });
    expect(await life.claim(taskId)).toBeUndefined();
    const unclaimed = new UnclaimedTasks(life.database, { agent: 'dash', worker: 'dash-1' });
    const early = { tenantId: life.tenantId, taskId, dispatchId: 1, since: performance.now(), result: {} };
    expect(await unclaimed.complete(early)).toBeUndefined();
    expect(await life.sweep.promoteScheduled(10)).toEqual([]);
    await life.makeDue(taskId);
    expect((await life.sweep.promoteScheduled(10)).map(({ task_id }) => task_id)).toEqual([taskId]);
    expect(await life.claim(taskId)).toBeDefined();
  });

  it('gets its next attempt when it is told to, and goes on counting attempts', async () => {
    const taskId = await life.submit({ max_attempts: 3 });
    const first = await life.claimed(taskId);
    await life.results.fail(first, { code: 'c', message: 'x', permanent: false }, 3_600_000);
    expect(await life.sweep.promoteScheduled(10)).toEqual([]);
    expect(await amend(taskId, { runAt: '2020-01-01T00:00:00Z' })).toMatchObject({ kind: 'amended' });
    expect((await life.sweep.promoteScheduled(10)).map(({ task_id }) => task_id)).toEqual([taskId]);
    expect((await life.claimed(taskId)).attempt).toBe(2);
  });

  it('can be put off after an attempt, and still be found', async () => {
    const taskId = await life.submit();
    await life.claims.release([await life.claimed(taskId)]);
    expect(await amend(taskId, { runAt: inAnHour })).toMatchObject({ kind: 'amended', task: { status: 'scheduled' } });
  });

  it('fails at its new deadline', async () => {
    const taskId = await life.submit();
    expect(await amend(taskId, { deadlineAt: inAnHour })).toMatchObject({ kind: 'amended' });
    // A task with a deadline is claimed: it cannot end without.
    const unclaimed = new UnclaimedTasks(life.database, { agent: 'dash', worker: 'dash-1' });
    const end = { tenantId: life.tenantId, taskId, dispatchId: 1, since: performance.now(), result: {} };
    expect(await unclaimed.complete(end)).toBeUndefined();
    await life.server.query(`update task_queue set deadline_at = now() where task_id = $1`, [taskId]);
    expect((await life.sweep.failOverdue(10)).map(({ task_id, code }) => [task_id, code])).toEqual([
      [taskId, 'deadline_exceeded'],
    ]);
  });

  it('is claimed or changed, never both from the same version', async () => {
    for (let n = 0; n < 20; n += 1) {
      const taskId = await life.submit();
      const tag = (await life.reads.find(life.tenantId, taskId))?.tag ?? '';
      const [outcome, claim] = await Promise.all([amend(taskId, { runAt: inAnHour }, [tag]), life.claim(taskId)]);
      expect([outcome.kind, claim === undefined]).toEqual(claim === undefined ? ['amended', true] : ['stale', false]);
    }
  });

  it('is no other tenant’s', async () => {
    const taskId = await life.submit();
    const other = await life.tenants.ensure('other');
    expect(await amendments.amend(other, actor, taskId, { amendment: { priority: 'low' }, tags: undefined })).toEqual({
      kind: 'no_task',
    });
  });

  it('leaves the kept counts right', async () => {
    const taskIds = [await life.submit(), await life.submit({ run_at: inAnHour })];
    await amend(taskIds[0] ?? '', { priority: 'high', runAt: inAnHour });
    await amend(taskIds[1] ?? '', { priority: 'low', runAt: null });
    const counts = await life.server.query(
      `select priority, status, tasks::int from task_count_live where tenant_id = $1 and tasks <> 0 order by 1`,
      [life.tenantId],
    );
    expect(counts).toEqual([
      { priority: 'high', status: 'scheduled', tasks: 1 },
      { priority: 'low', status: 'queued', tasks: 1 },
    ]);
  });
});
