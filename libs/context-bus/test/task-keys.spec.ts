import { KeyGate, type NewTask, TaskAmendments } from '../src/index.js';
import { operatorOf, TaskLife, tester } from './task-life.js';

let life: TaskLife;
let gate: KeyGate;

beforeAll(async () => {
  life = await TaskLife.start();
  gate = new KeyGate(life.database);
});

afterAll(() => life.stop());

const keyed = (key: string, limit: number, task: Partial<NewTask> = {}): Promise<string> =>
  life.submit({ concurrency: { key, limit }, ...task });

const admitted = async (key: string): Promise<string[]> =>
  (await gate.admit([{ tenantId: life.tenantId, key }])).map(({ task_id }) => task_id);

const end = async (taskId: string): Promise<boolean> => life.results.complete(await life.claimed(taskId), {});

describe('a concurrency key', () => {
  it('lets as many tasks start as its limit says, by priority and age, and the next when one has ended', async () => {
    const [first, second, third] = [await keyed('a', 2), await keyed('a', 2), await keyed('a', 2)];
    const urgent = await keyed('a', 2, { priority: 'high' });
    for (const taskId of [first, second, third, urgent]) expect(await life.status(taskId)).toBe('waiting');
    expect((await admitted('a')).sort()).toEqual([first, urgent].sort());
    expect(await admitted('a')).toEqual([]);
    expect(await life.claim(second)).toBeUndefined();
    await end(urgent);
    expect(await admitted('a')).toEqual([second]);
    await life.cancels.cancel(life.tenantId, tester, first);
    expect(await admitted('a')).toEqual([third]);
    await end(second);
    await end(third);
  });

  it('is held through retries and waits', async () => {
    const [first, second] = [await keyed('b', 1), await keyed('b', 1)];
    expect(await admitted('b')).toEqual([first]);
    await life.results.fail(await life.claimed(first), { code: 'handler_failed', message: 'no', permanent: false }, 0);
    expect(await admitted('b')).toEqual([]);
    await life.sweep.promoteScheduled(100);
    await life.results.suspend(await life.claimed(first), { timeLimitMs: 60_000 });
    expect(await admitted('b')).toEqual([]);
    await life.results.wake(life.tenantId, first);
    await end(first);
    expect(await admitted('b')).toEqual([second]);
  });

  it('gives no place twice to many routers at the same moment', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => keyed('c', 3)));
    const running = new Set<string>();
    while (running.size < ids.length) {
      const given = (await Promise.all([admitted('c'), admitted('c'), gate.sweep(), admitted('c')])).flat().length;
      expect(given).toBe(Math.min(3, ids.length - running.size));
      const rows = await life.server.query<{ id: string }>(
        `select task_id as id from task_queue where concurrency_key = 'c' and holds_key and completed_at is null`,
      );
      expect(rows.length).toBeLessThanOrEqual(3);
      for (const { id } of rows) {
        running.add(id);
        await end(id);
      }
    }
  });

  it('belongs to its tenant, and is found by the sweep', async () => {
    const other = await life.tenants.ensure('other');
    const mine = await keyed('d', 1);
    const theirs = await life.submit({ concurrency: { key: 'd', limit: 1 } }, other);
    expect((await gate.sweep()).map(({ task_id }) => task_id).sort()).toEqual([mine, theirs].sort());
    expect(await gate.sweep()).toEqual([]);
  });

  it('is waited for after a start that lay ahead, also when that is moved', async () => {
    const ahead = { run_at: new Date(Date.now() + 3_600_000).toISOString() };
    const [later, moved] = [await keyed('e', 1, ahead), await keyed('e', 1, ahead)];
    expect(await admitted('e')).toEqual([]);
    await life.makeDue(later);
    await life.sweep.promoteScheduled(100);
    expect(await life.status(later)).toBe('waiting');
    const order = { amendment: { runAt: null }, tags: undefined };
    await new TaskAmendments(life.database).amend(life.tenantId, tester, moved, order);
    expect(await life.status(moved)).toBe('waiting');
    expect(await admitted('e')).toEqual([later]);
  });

  it('announces its tasks to be gated, and does not send them on', async () => {
    const gated: unknown[] = [];
    life.gatedBy((tasks) => gated.push(...tasks));
    const submit = {
      task_type: 'analytics',
      priority: 'medium' as const,
      payload: { operation: 'query' },
      concurrency: { key: 'f', limit: 1 },
    };
    life.published.length = 0;
    const outcomes = await life.intake.submit(operatorOf(life.tenantId), [{ submit }, { submit }]);
    expect(outcomes).toMatchObject([{ kind: 'created', status: 'waiting' }, { kind: 'created' }]);
    expect(life.published).toEqual([]);
    expect(gated).toMatchObject([{ tenant_id: life.tenantId, gate: 'f' }]);
  });
});

describe('a unique key', () => {
  const unique = (key: string, on_conflict: 'skip' | 'replace' | 'cancel_running', task: Partial<NewTask> = {}) =>
    life.inserts
      .insertAll(life.tenantId, [
        {
          task_type: 'analytics',
          priority: 'medium',
          agent: 'dash',
          payload: {},
          max_attempts: 2,
          unique: { key, window_s: 60, on_conflict },
          ...task,
        },
      ])
      .then(([accepted]) => accepted);

  const idOf = (accepted: Awaited<ReturnType<typeof unique>>): string =>
    accepted !== undefined && 'taskId' in accepted ? accepted.taskId : '';

  it('makes one task in its window, whoever else submits it at the same moment', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => unique('a', 'skip')));
    expect(new Set(all.map(idOf)).size).toBe(1);
    expect(all.filter((one) => one?.kind === 'created')).toHaveLength(1);
    await life.server.query(`update task_queue set created_at = now() - interval '61 s' where unique_key = 'a'`);
    expect(await unique('a', 'skip')).toMatchObject({ kind: 'created' });
  });

  it('replaces one that does not run yet', async () => {
    const first = idOf(await unique('b', 'replace'));
    const second = await unique('b', 'replace');
    expect(second).toMatchObject({ kind: 'created', replaced: [{ taskId: first }] });
    expect(await life.status(first)).toBe('cancelled');
    await life.claimed(idOf(second));
    expect(await unique('b', 'replace')).toMatchObject({ kind: 'existing', taskId: idOf(second), status: 'running' });
  });

  it('cancels one that runs where it says so', async () => {
    const first = idOf(await unique('c', 'cancel_running'));
    const claim = await life.claimed(first);
    expect(await unique('c', 'cancel_running')).toMatchObject({ kind: 'created' });
    expect(await life.results.complete(claim, {})).toBe(false);
  });

  it('counts within one submission too', async () => {
    const task = { task_type: 'analytics', priority: 'medium', agent: 'dash', payload: {}, max_attempts: 2 } as const;
    const same = { ...task, unique: { key: 'd', window_s: 60, on_conflict: 'skip' as const } };
    const accepted = await life.inserts.insertAll(life.tenantId, [same, task, same]);
    expect(accepted.map(({ kind }) => kind)).toEqual(['created', 'created', 'existing']);
    expect(idOf(accepted[2])).toBe(idOf(accepted[0]));
  });
});
