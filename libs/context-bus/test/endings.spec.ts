import { DeadLetterReads } from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

const failure = { code: 'handler_failed', message: 'It broke', permanent: false };
const line = { type: 'log', attempt: 1, level: 'info', message: 'late' };
const anHour = { timeLimitMs: 3_600_000 };

let life: TaskLife;

beforeAll(async () => {
  life = await TaskLife.start();
});

afterAll(() => life.stop());

const story = async (taskId: string): Promise<string[]> => {
  const page = await life.events.after(life.tenantId, taskId, -1);
  return (page?.events ?? []).map(({ event }) =>
    event.type === 'status' ? `${event.status} ${event.attempt}` : event.type,
  );
};

const letterOf = async (taskId: string) => {
  const reads = new DeadLetterReads(life.database);
  const found = (await reads.list(life.tenantId, {}, 1_000)).find((letter) => letter.taskId === taskId);
  return found && reads.find(life.tenantId, found.deadLetterId);
};

const waiting = async (task: Parameters<TaskLife['submit']>[0] = {}): Promise<string> => {
  const taskId = await life.submit(task);
  await life.results.suspend(await life.claimed(taskId), anHour);
  return taskId;
};

const statuses = (ids: readonly string[]): Promise<(string | undefined)[]> =>
  Promise.all(ids.map((taskId) => life.status(taskId)));

describe('a suspended task', () => {
  it('waits without a worker: nothing is counted, and nothing that is late is kept', async () => {
    const taskId = await life.submit();
    const claim = await life.claimed(taskId);
    expect(await life.results.suspend(claim, anHour)).toBe(true);
    expect(await life.reads.find(life.tenantId, taskId)).toMatchObject({ status: 'waiting', attempts: 0 });

    expect(await life.results.complete(claim, {})).toBe(false);
    expect(await life.results.fail(claim, failure)).toBe(false);
    expect(await life.results.suspend(claim, anHour)).toBe(false);
    expect(await life.claims.renew([claim])).toEqual(new Set());
    await life.claims.release([claim]);
    await life.events.append({ ...claim, place: 1, body: line });
    expect(await life.claim(taskId)).toBeUndefined();
    expect(await life.status(taskId)).toBe('waiting');
    expect(await story(taskId)).toEqual(['queued 0', 'running 1', 'waiting 1']);
  });

  it('resumes under the same attempt when it is woken, as often as it is', async () => {
    const taskId = await waiting({ max_attempts: 1 });
    for (let times = 0; times < 2; times += 1) {
      expect(await life.results.wake(life.tenantId, taskId)).toBe(true);
      const claim = await life.claimed(taskId);
      expect(claim).toMatchObject({ attempt: 1, maxAttempts: 1 });
      await life.results.suspend(claim, anHour);
    }
    await life.results.wake(life.tenantId, taskId);
    expect(await life.results.complete(await life.claimed(taskId), { answer: 42 })).toBe(true);
    const turn = ['waiting 1', 'queued 1', 'running 1'];
    expect(await story(taskId)).toEqual(['queued 0', 'running 1', ...turn, ...turn, ...turn, 'completed 1']);
  });

  it('that is woken is dispatched at once', async () => {
    const taskId = await waiting();
    await life.results.wake(life.tenantId, taskId);
    const [row] = await life.server.query('select due_at <= now() as due from task_queue where task_id = $1', [taskId]);
    expect(row).toEqual({ due: true });
  });

  it('counts failures, crashes and expired leases only', async () => {
    const taskId = await waiting({ max_attempts: 2 });
    await life.results.wake(life.tenantId, taskId);
    await life.claimed(taskId);
    await life.makeDue(taskId);
    await life.sweep.rescueStuck(100);
    const second = await life.claimed(taskId);
    expect(second.attempt).toBe(2);
    await life.results.suspend(second, anHour);
    await life.results.wake(life.tenantId, taskId);
    await life.results.fail(await life.claimed(taskId), failure);

    expect(await story(taskId)).toEqual([
      ...['queued 0', 'running 1', 'waiting 1', 'queued 1', 'running 1', 'queued 1'],
      ...['running 2', 'waiting 2', 'queued 2', 'running 2', 'failed 2'],
    ]);
    expect((await letterOf(taskId))?.attempts).toMatchObject([
      { attempt: 1, error: { code: 'worker_lost' } },
      { attempt: 2, error: { code: 'handler_failed' } },
    ]);
  });

  it('is not woken when it does not wait, or has ended, or is another tenant’s', async () => {
    const [queued, completed, cancelled, other] = [
      await life.submit(),
      await life.submit(),
      await waiting(),
      await waiting(),
    ];
    await life.results.complete(await life.claimed(completed), {});
    await life.cancels.cancel(life.tenantId, tester, cancelled);
    for (const taskId of [queued, completed, cancelled])
      expect(await life.results.wake(life.tenantId, taskId)).toBe(false);
    expect(await life.results.wake(await life.tenants.ensure('other'), other)).toBe(false);
    expect(await statuses([queued, completed, cancelled, other])).toEqual([
      'queued',
      'completed',
      'cancelled',
      'waiting',
    ]);
  });

  it('fails with a code of its own when its time limit passes, and ends its descendants with it', async () => {
    const parent = await waiting();
    const child = await waiting({ parent_id: parent });
    const grandchild = await life.submit({ parent_id: child });
    const done = await life.submit({ parent_id: parent });
    const claim = await life.claimed(grandchild);
    await life.results.complete(await life.claimed(done), {});
    await life.makeDue(parent);

    const swept = await life.sweep.failOverdue(100);
    expect(swept.find(({ task_id }) => task_id === parent)).toMatchObject({
      status: 'failed',
      code: 'wait_limit_exceeded',
    });
    const cancelled = swept.filter(({ status }) => status === 'cancelled').map(({ task_id }) => task_id);
    expect(cancelled.sort()).toEqual([child, grandchild].sort());
    expect(await statuses([parent, child, grandchild, done])).toEqual([
      'failed',
      'cancelled',
      'cancelled',
      'completed',
    ]);
    expect(await life.results.complete(claim, {})).toBe(false);
    expect(await story(parent)).toEqual(['queued 0', 'running 1', 'waiting 1', 'failed 0']);
    expect(await letterOf(parent)).toMatchObject({
      reason: 'wait_limit_exceeded',
      attempts: [{ attempt: 1, error: { code: 'wait_limit_exceeded' } }],
    });
    expect(await letterOf(child)).toBeUndefined();
  });

  it('fails at its deadline as any task does', async () => {
    const taskId = await waiting({ deadline_s: 60 });
    await life.server.query('update task_queue set deadline_at = now() where task_id = $1', [taskId]);
    expect(await life.sweep.failOverdue(100)).toMatchObject([{ task_id: taskId, code: 'deadline_exceeded' }]);
  });

  it('is cancelled with its descendants', async () => {
    const parent = await waiting();
    const child = await life.submit({ parent_id: parent });
    const cancelled = await life.cancels.cancel(life.tenantId, tester, parent);
    expect(cancelled.map(({ taskId }) => taskId).sort()).toEqual([parent, child].sort());
    expect(await story(parent)).toEqual(['queued 0', 'running 1', 'waiting 1', 'cancelled 0']);
    expect(await life.results.wake(life.tenantId, parent)).toBe(false);
  });

  it('is either woken or fails when both happen at once', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => waiting()));
    await Promise.all(ids.map((taskId) => life.makeDue(taskId)));
    const [swept, ...woken] = await Promise.all([
      life.sweep.failOverdue(100),
      ...ids.map((taskId) => life.results.wake(life.tenantId, taskId)),
    ]);
    const failed = new Set(swept.map(({ task_id }) => task_id));
    // What one of them had locked at that moment is left to the next sweep, or was woken.
    for (const { task_id } of await life.sweep.failOverdue(100)) failed.add(task_id);
    expect(ids.map((taskId) => failed.has(taskId))).toEqual(woken.map((one) => !one));
    expect(await statuses(ids)).toEqual(woken.map((one) => (one ? 'queued' : 'failed')));
  });
});

describe('the end of a task for good', () => {
  const family = async (task: Parameters<TaskLife['submit']>[0] = {}) => {
    const parent = await life.submit(task);
    const child = await life.submit({ parent_id: parent });
    const grandchild = await life.submit({ parent_id: child });
    return { parent, child, grandchild, ids: [parent, child, grandchild] };
  };

  it('ends its descendants; another attempt does not', async () => {
    const { parent, grandchild, ids } = await family();
    await life.results.fail(await life.claimed(parent), failure, 0);
    expect(await statuses(ids)).toEqual(['retrying', 'queued', 'queued']);
    await life.sweep.promoteScheduled(100);
    const running = await life.claimed(grandchild);
    expect(await life.results.fail(await life.claimed(parent), failure)).toBe(true);
    expect(await statuses(ids)).toEqual(['failed', 'cancelled', 'cancelled']);
    expect(await life.results.complete(running, {})).toBe(false);
  });

  it('by a worker that lost its lease leaves them alone', async () => {
    const { parent, ids } = await family({ max_attempts: 3 });
    const old = await life.claimed(parent);
    await life.makeDue(parent);
    await life.sweep.rescueStuck(100);
    await life.claimed(parent);
    expect(await life.results.fail(old, failure)).toBe(false);
    expect(await statuses(ids)).toEqual(['running', 'queued', 'queued']);
  });

  it('takes precedence over another attempt of a descendant in the same batch', async () => {
    const { parent, child, ids } = await family();
    const [first, second] = [await life.claimed(parent), await life.claimed(child)];
    const written = await Promise.all([life.results.fail(first, failure), life.results.fail(second, failure, 1_000)]);
    expect(written).toEqual([true, false]);
    expect(await statuses(ids)).toEqual(['failed', 'cancelled', 'cancelled']);
  });

  it('by a lost worker ends them, those of lost workers too', async () => {
    const { parent, child, grandchild, ids } = await family({ max_attempts: 1 });
    for (const taskId of [parent, child]) {
      await life.claimed(taskId);
      await life.makeDue(taskId);
    }
    const swept = await life.sweep.rescueStuck(100);
    expect(new Map(swept.map(({ task_id, status }) => [task_id, status]))).toEqual(
      new Map([
        [parent, 'failed'],
        [child, 'cancelled'],
        [grandchild, 'cancelled'],
      ]),
    );
    expect(await statuses(ids)).toEqual(['failed', 'cancelled', 'cancelled']);
  });

  it('leaves no event behind it', async () => {
    const taskId = await life.submit();
    const claim = await life.claimed(taskId);
    await life.results.complete(claim, {});
    await life.events.append({ ...claim, place: 1, body: line });
    expect(await story(taskId)).toEqual(['queued 0', 'running 1', 'completed 1']);
  });

  it('by a redelivery ends them', async () => {
    const { parent, ids } = await family({ max_attempts: 1 });
    await life.claimed(parent, 7);
    const request = { tenantId: life.tenantId, taskId: parent, wantsPayload: false, dispatchId: 7 };
    expect(await life.claims.takeOver(request)).toMatchObject({ task_id: request.taskId });
    expect(await statuses(ids)).toEqual(['failed', 'cancelled', 'cancelled']);
  });

  it('leaves a descendant that another transaction holds to the next sweep', async () => {
    const { parent, grandchild, ids } = await family({ deadline_s: 60 });
    await life.server.query('update task_queue set deadline_at = now() where task_id = $1', [parent]);
    const lock = { name: 'test.lock', text: 'select from task_queue where task_id = $1 for update' };
    await life.database.withTenant(life.tenantId, async (transaction) => {
      await transaction.query(lock, [grandchild]);
      expect(await life.sweep.failOverdue(100)).toHaveLength(2);
      expect(await life.sweep.closeFamilies(100)).toEqual([]);
    });
    expect(await statuses(ids)).toEqual(['failed', 'cancelled', 'queued']);
    expect(await life.sweep.closeFamilies(100)).toMatchObject([{ task_id: grandchild, status: 'cancelled' }]);
    expect(await life.sweep.closeFamilies(100)).toEqual([]);
    expect(await statuses(ids)).toEqual(['failed', 'cancelled', 'cancelled']);
  });

  it('is found once by two sweeps at the same moment', async () => {
    const families = await Promise.all(Array.from({ length: 30 }, () => family({ deadline_s: 60 })));
    const ids = families.flatMap((one) => one.ids);
    await life.server.query(
      'update task_queue set deadline_at = now() where task_id = any ($1) and parent_id is null',
      [ids],
    );
    const sweeps = await Promise.all([
      life.sweep.failOverdue(10),
      life.sweep.failOverdue(100),
      life.sweep.failOverdue(100),
    ]);
    const swept = [...sweeps.flat(), ...(await life.sweep.failOverdue(100))].map(({ task_id }) => task_id);
    expect(swept.sort()).toEqual([...ids].sort());
  });

  it('never blocks workers that hold other tasks of the family', async () => {
    const families = await Promise.all(Array.from({ length: 20 }, () => family()));
    const claims = await Promise.all(families.flatMap(({ ids }) => ids.map((taskId) => life.claimed(taskId))));
    const byTask = new Map(claims.map((claim) => [claim.taskId, claim]));
    const parents = families.flatMap(({ parent }) => byTask.get(parent) ?? []);
    const results = await Promise.allSettled([
      ...parents.map((claim) => life.results.fail(claim, failure)),
      ...Array.from({ length: 10 }, () => life.claims.renew(claims)),
      ...claims.filter((claim) => !parents.includes(claim)).map((claim) => life.results.complete(claim, {})),
      ...families.map(({ child }) => life.cancels.cancel(life.tenantId, tester, child)),
    ]);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    const ended = await statuses(families.flatMap(({ ids }) => ids));
    expect(ended.filter((status) => status === 'running')).toEqual([]);
  });
});
