import type { SubmitTask, SubmittedTask } from '@pulser/contracts';

import {
  Agents,
  batchItemKey,
  DailyQuota,
  DispatchPort,
  Intake,
  type Order,
  type Outcome,
  type Principal,
  QueueQuota,
  Quotas,
  ServedTaskTypes,
  TaskInserts,
  TenantDays,
  WaitingTasks,
} from '../src/index.js';
import { TaskLife } from './task-life.js';

class Port extends DispatchPort {
  readonly messages: (readonly SubmittedTask[])[] = [];

  submitted(_tenantId: string, tasks: readonly SubmittedTask[]): void {
    this.messages.push(tasks);
  }
}

const submit = (more: Partial<SubmitTask> = {}): SubmitTask => ({
  task_type: 'analytics',
  priority: 'medium',
  payload: { operation: 'query' },
  ...more,
});

const order = (more: Partial<Order> = {}): Order => ({ submit: submit(), ...more });

const keyed = (idempotencyKey: string, payload = {}): Order => ({ submit: submit({ payload }), idempotencyKey });

const kinds = (outcomes: readonly Outcome[]): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind));

const idsOf = (outcomes: readonly Outcome[]): string[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [] : [outcome.taskId]));

describe('the intake', () => {
  let life: TaskLife;
  let port: Port;
  let principal: Principal;

  beforeAll(async () => {
    life = await TaskLife.start();
    await new Agents(life.database).register({ agent: 'dash', task_types: ['analytics', 'testing'], operations: [] });
  });

  beforeEach(async () => {
    port = new Port();
    const tenantId = await life.tenants.ensure(`t-${crypto.randomUUID()}`);
    principal = { tenantId, keyId: 'k-1', name: 'key', role: 'operator', allowedTaskTypes: null, expiresAt: null };
  });

  afterAll(() => life.stop());

  const intake = ({ queue = 100, daily = 1_000 } = {}): Intake =>
    new Intake(
      new TaskInserts(life.database),
      new ServedTaskTypes(new Agents(life.database)),
      new Quotas(
        new QueueQuota(new WaitingTasks(life.database), queue),
        new DailyQuota(new TenantDays(life.database), daily),
      ),
      port,
    );

  const rows = () =>
    life.server.query<{ task_id: string; parent_id: string; replay_of: string; submitted_by: string }>(
      'select * from task_queue where tenant_id = $1 order by task_id',
      [principal.tenantId],
    );

  it('creates tasks and carries all to their rows', async () => {
    const [first] = idsOf(await intake().submit(principal, [order()]));
    const family = { parentId: first, replayOf: first };
    const outcomes = await intake().submit(principal, [order(family)], { traceparent: '00-a-b-01' });
    expect(outcomes).toEqual([{ kind: 'created', taskId: idsOf(outcomes)[0], status: 'queued' }]);
    expect(await rows()).toMatchObject([
      { task_id: first, parent_id: null, replay_of: null, submitted_by: 'k-1' },
      { parent_id: first, replay_of: first, traceparent: '00-a-b-01', max_attempts: 4, assigned_agent: 'dash' },
    ]);
  });

  it('refuses each order for itself, in order', async () => {
    const outcomes = await intake().submit({ ...principal, allowedTaskTypes: ['analytics', 'documentation'] }, [
      order(),
      order({ submit: submit({ task_type: 'testing' }) }),
      order({ submit: submit({ task_type: 'documentation' }) }),
      order(),
    ]);
    expect(kinds(outcomes)).toEqual(['created', 'forbidden_task_type', 'task_type_not_served', 'created']);
    expect(outcomes[1]).toEqual({
      kind: 'refused',
      refusal: { code: 'forbidden_task_type', allowedTaskTypes: ['analytics', 'documentation'] },
    });
    expect(outcomes[2]).toEqual({
      kind: 'refused',
      refusal: { code: 'task_type_not_served', served: ['analytics', 'testing'] },
    });
    expect(await intake().submit({ ...principal, role: 'viewer' }, [order()])).toEqual([
      { kind: 'refused', refusal: { code: 'forbidden', role: 'viewer' } },
    ]);
    expect(await rows()).toHaveLength(2);
  });

  it('knows what it accepted before by its key, in a batch and alone', async () => {
    const one = intake();
    const created = await one.submit(principal, [keyed('a', { n: 1 })]);
    const repeated = await one.submit(principal, [keyed('a', { n: 1 }), keyed('a', { n: 2 }), order()]);
    expect(kinds(repeated)).toEqual(['existing', 'conflict', 'created']);
    expect(idsOf(repeated.slice(0, 2))).toEqual([...idsOf(created), ...idsOf(created)]);
    expect(kinds(await one.submit(principal, [keyed('a', { n: 1 })]))).toEqual(['existing']);
  });

  it('lets in as many of a batch as there is room for, and says when to try again', async () => {
    const outcomes = await intake({ queue: 2 }).submit(principal, [order(), order(), order()]);
    expect(kinds(outcomes)).toEqual(['created', 'created', 'queue_full']);
    expect(outcomes[2]).toEqual({ kind: 'refused', refusal: { code: 'queue_full', retryAfterS: 5 } });
    const [spent] = await intake({ daily: 2 }).submit(principal, [order()]);
    expect(spent).toMatchObject({ kind: 'refused', refusal: { code: 'daily_quota_spent' } });
  });

  it('takes no quota for a repeat', async () => {
    const one = intake({ queue: 10, daily: 10 });
    await one.submit(principal, [keyed('a')]);
    for (let times = 0; times < 50; times += 1)
      expect(kinds(await one.submit(principal, [keyed('a')]))).toEqual(['existing']);
    const rest = Array.from({ length: 9 }, () => order());
    expect(kinds(await one.submit(principal, [...rest, order()]))).toEqual([
      ...rest.map(() => 'created'),
      'queue_full',
    ]);
  });

  it('needs no room for a repeat, even when the quota is full', async () => {
    for (const quota of [{ queue: 2 }, { daily: 4 }]) {
      const one = intake(quota);
      const [key, other] = [JSON.stringify(quota), `other/${JSON.stringify(quota)}`];
      await one.submit(principal, [keyed(key), order()]);
      const outcomes = await one.submit(principal, [keyed(other), keyed(key), keyed(key, { n: 2 }), order()]);
      const full = 'queue' in quota ? 'queue_full' : 'daily_quota_spent';
      expect(kinds(outcomes)).toEqual([full, 'existing', 'conflict', full]);
      expect(kinds(await one.submit(principal, [keyed(key)]))).toEqual(['existing']);
    }
  });

  it('gives the room that repeats do not need to the others of their batch', async () => {
    const one = intake({ queue: 3 });
    await one.submit(principal, [keyed('a')]);
    const outcomes = await one.submit(principal, [keyed('a'), keyed('b'), keyed('c'), keyed('d')]);
    expect(kinds(outcomes)).toEqual(['existing', 'created', 'created', 'queue_full']);
  });

  it('gives back what a failure did not create', async () => {
    const one = intake({ queue: 1, daily: 1 });
    const bad = order({ submit: submit({ payload: { text: '\u0000' } }) });
    await expect(one.submit(principal, [bad])).rejects.toThrow();
    expect(kinds(await one.submit(principal, [order()]))).toEqual(['created']);
  });

  it('makes one task of many submissions with the same key at the same moment', async () => {
    const [one, other] = [intake(), intake()];
    const calls = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? one : other).submit(principal, [keyed('a')]));
    const all = (await Promise.all(calls)).flat();
    expect(kinds(all).filter((kind) => kind === 'created')).toHaveLength(1);
    expect(new Set(idsOf(all)).size).toBe(1);
    expect(await rows()).toHaveLength(1);
  });

  it('keeps the keys of a batch apart from those that a client sends', async () => {
    const one = intake();
    await one.submit(principal, [keyed(batchItemKey('k', 0)), keyed(batchItemKey('k', 1))]);
    const single = await one.submit(principal, [keyed('k/0')]);
    expect(kinds(single)).toEqual(['created']);
    expect(kinds(await one.submit(principal, [keyed(batchItemKey('k', 0))]))).toEqual(['existing']);
    expect(await rows()).toHaveLength(3);
  });

  it('publishes what one statement created, once, after its commit', async () => {
    const seen: number[] = [];
    const published = port.submitted.bind(port);
    const visible: Promise<void>[] = [];
    port.submitted = (tenantId, tasks) => {
      published(tenantId, tasks);
      visible.push(rows().then((found) => void seen.push(found.length)));
    };
    const later = submit({ run_at: new Date(Date.now() + 3_600_000).toISOString() });
    const one = intake();
    const outcomes = await one.submit(principal, [keyed('a'), order(), order({ submit: later })]);
    await Promise.all(visible);
    expect(seen).toEqual([3]);
    expect(port.messages.map((tasks) => tasks.map(({ task_id }) => task_id))).toEqual([idsOf(outcomes).slice(0, 2)]);
    expect(port.messages[0]?.[0]).toEqual({
      task_id: idsOf(outcomes)[0],
      tenant_id: principal.tenantId,
      task_type: 'analytics',
      priority: 'medium',
      payload: {},
    });
    await one.submit(principal, [keyed('a')]);
    expect(port.messages).toHaveLength(1);
  });

  it('shares one statement among submissions of the same moment', async () => {
    const one = intake({ queue: 100_000, daily: 10_000_000 });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => one.submit(principal, [order()])));
    expect(new Set(outcomes.flatMap(idsOf)).size).toBe(50);
    expect(port.messages.length).toBeLessThan(5);
    expect(port.messages.flat()).toHaveLength(50);
  });

  it('commits what belongs to the tasks with them, or neither', async () => {
    const rename = { name: 'test.rename', text: `select set_config('app.test', $1, true)` };
    const one = intake({ queue: 2 });
    const told: (readonly Outcome[])[] = [];
    const outcomes = await one.submit(principal, [order(), order(), order()], {
      alongside: async (transaction, given) => {
        await transaction.query(rename, ['x']);
        told.push(given);
      },
    });
    expect(told).toEqual([outcomes]);
    expect(kinds(outcomes)).toEqual(['created', 'created', 'queue_full']);

    const other = intake({ queue: 3 });
    const failing = () => Promise.reject(new Error('not now'));
    await expect(other.submit(principal, [order()], { alongside: failing })).rejects.toThrow('not now');
    expect(await rows()).toHaveLength(2);
    expect(port.messages).toHaveLength(1);
    expect(kinds(await other.submit(principal, [order(), order()]))).toEqual(['created', 'queue_full']);
  });

  it('calls what belongs to the tasks for a repeat without room, too, and not when all are refused', async () => {
    const one = intake({ queue: 1 });
    await one.submit(principal, [keyed('a')]);
    const told: string[][] = [];
    const alongside = (_: unknown, given: readonly Outcome[]) => Promise.resolve(void told.push(kinds(given)));
    await one.submit(principal, [keyed('a'), order()], { alongside });
    await one.submit(principal, [order()], { alongside });
    expect(told).toEqual([['existing', 'queue_full']]);
  });
});
