import type { TaskQuery } from '@pulser/contracts';

import {
  type NewTask,
  systemActor,
  TaskClaims,
  type TaskFilter,
  TaskLists,
  TenantSettings,
  Upkeep,
} from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('a list of tasks', () => {
  let life: TaskLife;
  let lists: TaskLists;
  let tenantId: string;

  beforeAll(async () => {
    life = await TaskLife.start();
    lists = new TaskLists(life.database);
  });

  afterAll(() => life.stop());

  let tenants = 0;

  beforeEach(async () => {
    tenantId = await life.tenants.ensure(`lists-${(tenants += 1)}`);
  });

  const task = (given: Partial<NewTask> = {}): NewTask => ({
    task_type: 'analytics',
    priority: 'medium',
    agent: 'dash',
    payload: { operation: 'query' },
    max_attempts: 4,
    submitted_by: 'ada',
    ...given,
  });

  /** @returns ids in the order of the tasks */
  const add = async (...tasks: Partial<NewTask>[]): Promise<string[]> =>
    (await life.inserts.insertAll(tenantId, tasks.map(task))).map(({ taskId }) => taskId);

  const claim = async (taskId: string) => {
    const made = await life.claims.claim({ tenantId, taskId, dispatchId: 1, wantsPayload: false });
    if (made === undefined) throw new Error('The claim was lost');
    return { tenantId, taskId, epoch: made.epoch };
  };

  const fail = async (taskId: string, code: string): Promise<void> => {
    await life.results.fail(await claim(taskId), { code, message: 'x', permanent: true });
  };

  const ids = async (query: TaskFilter, limit = 100): Promise<string[]> =>
    (await lists.page(tenantId, query, limit)).tasks.map(({ taskId }) => taskId);

  /** Every page of a list. */
  const all = async (query: TaskFilter, limit: number): Promise<string[]> => {
    const found: string[] = [];
    for (let before: string | undefined; ;) {
      const page = await lists.page(tenantId, query, limit, before);
      found.push(...page.tasks.map(({ taskId }) => taskId));
      if (page.next === undefined) return found;
      before = page.next;
    }
  };

  const setLabels = (keys: readonly string[]) =>
    new TenantSettings(life.database).put(tenantId, systemActor('test'), {
      name: 'task-labels',
      value: keys,
      expected: 'whatever',
    });

  it('is filtered by priority, operation, parent, submitter, agent and type', async () => {
    const [a = '', b = '', c = '', d = ''] = await add(
      { priority: 'high' },
      { payload: { operation: 'forecast' }, submitted_by: 'bob' },
      { task_type: 'testing', agent: 'maya', payload: {} },
      { priority: 'low', submitted_by: undefined },
    );
    const [e = ''] = await add({ parent_id: a });
    const newest = (...expected: string[]) => expected.sort().reverse();
    expect(await ids({})).toEqual(newest(a, b, c, d, e));
    expect(await ids({ priority: 'high' })).toEqual([a]);
    expect(await ids({ priority: 'medium' })).toEqual(newest(b, c, e));
    expect(await ids({ operation: 'forecast' })).toEqual([b]);
    expect(await ids({ operation: 'fore' })).toEqual([]);
    expect(await ids({ parent_id: a })).toEqual([e]);
    expect(await ids({ submitted_by: 'bob' })).toEqual([b]);
    expect(await ids({ agent: 'maya' })).toEqual([c]);
    expect(await ids({ task_type: 'analytics', agent: 'dash', priority: 'low' })).toEqual([d]);
    expect(await ids({ agent: 'maya', priority: 'low' })).toEqual([]);
  });

  it('is filtered by every status and by several', async () => {
    const [queued = '', running = '', retrying = '', completed = '', failed = '', cancelled = '', waiting = ''] =
      await add(...Array.from({ length: 7 }, () => ({})));
    const [scheduled = ''] = await add({ run_at: '2099-01-01T00:00:00Z' });
    await claim(running);
    await life.results.fail(await claim(retrying), { code: 'c', message: 'x', permanent: false }, 3_600_000);
    await life.results.complete(await claim(completed), {});
    await fail(failed, 'query_failed');
    await life.cancels.cancel(tenantId, systemActor('test'), cancelled);
    await life.results.suspend(await claim(waiting), { timeLimitMs: 3_600_000 });
    const each = { queued, running, retrying, completed, failed, cancelled, waiting, scheduled };
    for (const [status, id] of Object.entries(each))
      expect([status, await ids({ status: [status] as TaskQuery['status'] })]).toEqual([status, [id]]);
    expect(await ids({ status: ['failed', 'running', 'completed'] })).toEqual(
      [running, completed, failed].sort().reverse(),
    );
    expect(await ids({ status: ['queued', 'scheduled'], agent: 'dash' })).toEqual([queued, scheduled].sort().reverse());
    // What runs again after a rescue is still found by its state.
    expect(await all({ status: ['queued', 'running', 'retrying'] }, 1)).toEqual(
      [queued, running, retrying].sort().reverse(),
    );
  });

  it('is filtered by the code of the error that a task failed with', async () => {
    const [a = '', b = '', c = ''] = await add({}, {}, {});
    await fail(a, 'query_failed');
    await fail(b, 'handler_failed');
    await fail(c, 'query_failed');
    expect(await ids({ error_code: 'query_failed' })).toEqual([a, c].sort().reverse());
    expect(await ids({ error_code: 'query_failed', status: ['completed'] })).toEqual([]);
    expect(await ids({ error_code: 'query' })).toEqual([]);
  });

  it('is filtered by labels: members of the metadata that the tenant has chosen, as they were when it was submitted', async () => {
    const [before = ''] = await add({ metadata: { customer: 'acme' } });
    await setLabels(['customer', 'paid', 'order']);
    const [a = '', b = '', c = ''] = await add(
      { metadata: { customer: 'acme', paid: true, order: 7, other: 'x' } },
      { metadata: { customer: 'acme', paid: false, order: { deep: 1 } } },
      { metadata: { customer: 'x'.repeat(201), paid: null, order: '' } },
    );
    expect(await ids({ label: [{ key: 'customer', value: 'acme' }] })).toEqual([a, b].sort().reverse());
    expect(
      await ids({
        label: [
          { key: 'customer', value: 'acme' },
          { key: 'paid', value: 'true' },
        ],
      }),
    ).toEqual([a]);
    expect(await ids({ label: [{ key: 'order', value: '7' }] })).toEqual([a]);
    expect(await ids({ label: [{ key: 'other', value: 'x' }] })).toEqual([]);
    const labelsOf = new Map((await lists.page(tenantId, {}, 10)).tasks.map(({ taskId, labels }) => [taskId, labels]));
    expect([a, b, c, before].map((id) => labelsOf.get(id))).toEqual([
      { customer: 'acme', paid: 'true', order: '7' },
      { customer: 'acme', paid: 'false' },
      null,
      null,
    ]);
  });

  it('finds how an id, an operation, an error code or the value of a label begins', async () => {
    await setLabels(['customer']);
    const [a = '', b = '', c = ''] = await add(
      { payload: { operation: 'forecast' } },
      { metadata: { customer: 'forest' } },
      { payload: { operation: 'query' } },
    );
    await fail(c, 'forged_query');
    expect(await ids({ q: 'for' })).toEqual([a, b, c].sort().reverse());
    expect(await ids({ q: 'fore' })).toEqual([a, b].sort().reverse());
    expect(await ids({ q: 'forec' })).toEqual([a]);
    expect(await ids({ q: 'forg', status: ['failed'] })).toEqual([c]);
    expect(await ids({ q: a })).toEqual([a]);
    expect(await ids({ q: a.toUpperCase().slice(0, -3) })).toContain(a);
    expect(await ids({ q: '100 %' })).toEqual([]);
  });

  it('follows a task to the agent that claimed it', async () => {
    const [a = ''] = await add({});
    const backup = new TaskClaims(life.database, { agent: 'maya', worker: 'maya-1', leaseMs: 30_000 });
    const made = await backup.claim({ tenantId, taskId: a, dispatchId: 1, wantsPayload: false });
    expect(await ids({ agent: 'maya' })).toEqual([a]);
    expect(await ids({ agent: 'dash' })).toEqual([]);
    await backup.release([{ tenantId, taskId: a, epoch: made?.epoch ?? 0 }]);
    await claim(a);
    expect(await ids({ agent: 'dash' })).toEqual([a]);
    expect(await all({ agent: 'dash' }, 1)).toEqual([a]);
  });

  it('gives each task once, page by page, in pages of any size, while others come and end', async () => {
    await setLabels(['customer']);
    const operations = ['query', 'forecast', 'chart'];
    for (let n = 0; n < 12; n += 1)
      await add(
        ...Array.from({ length: 1 + (n % 5) * 3 }, (_, m) => ({
          payload: { operation: operations[(n + m) % 3] },
          priority: m % 2 === 0 ? ('high' as const) : ('low' as const),
          metadata: { customer: `c${m % 2}` },
        })),
      );
    const everything = await ids({}, 500);
    expect(everything).toHaveLength(new Set(everything).size);
    const queries: TaskFilter[] = [
      {},
      { agent: 'dash' },
      { priority: 'high' },
      { operation: 'chart' },
      { submitted_by: 'ada' },
      { label: [{ key: 'customer', value: 'c1' }] },
      { q: 'c' },
      { status: ['queued'], operation: 'query' },
    ];
    for (const query of queries) {
      const whole = await ids(query, 500);
      expect(whole.length).toBeGreaterThan(10);
      for (const limit of [1, 3, 7]) {
        await add({ payload: { operation: 'chart' }, priority: 'high', metadata: { customer: 'c1' } });
        const found = await all(query, limit);
        expect(found.filter((id) => whole.includes(id))).toEqual(whole);
        expect(found).toHaveLength(new Set(found).size);
      }
    }
  });

  it('stops after 5,000 tasks that do not match, says so, and goes on where it stopped', async () => {
    const [wanted = ''] = await add({ submitted_by: 'bob' });
    await life.server.query(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at, submitted_by)
       select $1, 'analytics', 'dash', '{}', now() + interval '1 hour', 'ada' from generate_series(1, 6000)`,
      [tenantId],
    );
    const query: TaskFilter = { agent: 'dash', submitted_by: 'bob', status: ['queued'] };
    const first = await lists.page(tenantId, query, 10);
    expect(first).toMatchObject({ tasks: [], partial: true, next: expect.any(String) as string });
    const second = await lists.page(tenantId, query, 10, first.next);
    expect(second.tasks.map(({ taskId }) => taskId)).toEqual([wanted]);
    expect(second).toMatchObject({ partial: false, next: undefined });
    // Alone, either is read by an index.
    expect(await lists.page(tenantId, { submitted_by: 'bob' }, 10)).toMatchObject({ partial: false });
  });

  it('is answered for a tenant with more routes than are looked at, in parts', async () => {
    await life.server.query(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at, operation)
       select $1, 'analytics', 'dash', '{}', now() + interval '1 hour', 'op' || n from generate_series(1, 1500) n`,
      [tenantId],
    );
    expect(await ids({ operation: 'op7' })).toHaveLength(1);
    expect(await ids({ q: 'op150' })).toHaveLength(2);
  });

  it('shows no task of another tenant', async () => {
    const mine = tenantId;
    await setLabels(['customer']);
    const [a = ''] = await add({ metadata: { customer: 'acme' }, priority: 'high' });
    await fail(a, 'query_failed');
    tenantId = await life.tenants.ensure(`other-${mine}`);
    const queries: TaskFilter[] = [
      {},
      { q: 'acme' },
      { q: a },
      { q: 'query' },
      { label: [{ key: 'customer', value: 'acme' }] },
      { status: ['failed'] },
      { error_code: 'query_failed' },
      { agent: 'dash' },
      { priority: 'high' },
      { submitted_by: 'ada' },
      { parent_id: a },
    ];
    for (const query of queries) expect(await ids(query)).toEqual([]);
  });

  it('keeps no label of a task that is past its retention', async () => {
    await setLabels(['customer']);
    await life.server.query('update tenant set retention_days = 1 where tenant_id = $1', [tenantId]);
    const [a = ''] = await add({ metadata: { customer: 'acme' } });
    await life.results.complete(await claim(a), {});
    await life.server.query(
      `with old as (
         update task_queue set completed_at = now() - interval '3 days',
           task_id = overlay(task_id::text placing left(pulser.id_floor(now() - interval '3 days')::text, 13) from 1 for 13)::uuid
         where task_id = $1 returning tenant_id, task_id
       ) update task_facet f set last_id = old.task_id, task_ids = array[old.task_id] from old where f.tenant_id = old.tenant_id`,
      [a],
    );
    expect(await new Upkeep(life.database).dropExpiredTasks(30, 100)).toBe(1);
    const left = await life.server.query<{ facet: string }>('select facet from task_facet where tenant_id = $1', [
      tenantId,
    ]);
    expect(left.map(({ facet }) => facet)).toEqual(['route']);
  });
});
