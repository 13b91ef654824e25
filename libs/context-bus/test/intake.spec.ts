import { randomUUID } from 'node:crypto';

import type { SubmittedTask, SubmitTask } from '@pulser/contracts';

import { batchItemKey, DispatchPort, type Intake, type Order, type Outcome, type Principal } from '../src/index.js';
import { intakeOver, operatorOf, TaskLife } from './task-life.js';

const submit = (change: Partial<SubmitTask> = {}): SubmitTask => ({
  task_type: 'analytics',
  priority: 'medium',
  payload: { operation: 'query' },
  ...change,
});

class Recorded extends DispatchPort {
  readonly commits: (readonly SubmittedTask[])[] = [];

  override submitted(tasks: readonly SubmittedTask[]): void {
    this.commits.push(tasks);
  }
}

describe('the intake', () => {
  let life: TaskLife;
  let tenantId: string;
  let caller: Principal;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  beforeEach(async () => {
    tenantId = await life.tenants.ensure(`t-${randomUUID()}`);
    caller = operatorOf(tenantId);
    life.published.length = 0;
  });

  afterAll(() => life.stop());

  const one = async (order: Partial<Order> = {}, intake: Intake = life.intake): Promise<Outcome> => {
    const [outcome] = await intake.submit(caller, [{ submit: submit(), ...order }]);
    if (outcome === undefined) throw new Error('No outcome');
    return outcome;
  };

  const rows = async (): Promise<number> => {
    const [row] = await life.server.query<{ n: number }>(
      'select count(*)::int as n from task_queue where tenant_id = $1',
      [tenantId],
    );
    return row?.n ?? 0;
  };

  it('answers every one of many concurrent submissions with its own task', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_, n) => one({ submit: submit({ payload: { operation: 'query', n } }) })),
    );
    const ids = outcomes.map((outcome) => (outcome.kind === 'created' ? outcome.taskId : ''));
    expect(new Set(ids).size).toBe(500);
    expect((await life.reads.find(tenantId, ids[499] ?? ''))?.payload).toEqual({ operation: 'query', n: 499 });
    expect(life.published.length).toBeLessThan(100);
    expect(life.published.flat()).toHaveLength(500);
  });

  it('does not fail the neighbours of a task that the database refuses', async () => {
    const bad = one({ submit: submit({ payload: { operation: 'query', text: '\u0000' } }) });
    const good = Array.from({ length: 20 }, () => one());
    await expect(bad).rejects.toThrow();
    expect((await Promise.all(good)).every(({ kind }) => kind === 'created')).toBe(true);
  });

  it('publishes what one commit created, with its payload, and nothing else', async () => {
    const orders = [
      { submit: submit() },
      { submit: submit({ run_at: new Date(Date.now() + 3_600_000).toISOString() }) },
      { submit: submit({ task_type: 'testing' }) },
      { submit: submit({ priority: 'high' }), idempotencyKey: 'k-1' },
    ];
    const outcomes = await life.intake.submit(caller, orders, { traceparent: 'trace' });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'created', 'refused', 'created']);
    const [first, , , last] = outcomes;
    expect(life.published).toEqual([
      [
        expect.objectContaining({ task_id: Reflect.get(first ?? {}, 'taskId') as string, traceparent: 'trace' }),
        expect.objectContaining({ task_id: Reflect.get(last ?? {}, 'taskId') as string, priority: 'high' }),
      ],
    ]);
    await one({ submit: submit({ priority: 'high' }), idempotencyKey: 'k-1' });
    expect(life.published).toHaveLength(1);
  });

  it('calls those fresh that may run before they are claimed: a deadline must be known first', async () => {
    await one();
    await one({ submit: submit({ deadline_s: 3_600 }) });
    expect(life.published.flat().map(({ fresh }) => fresh)).toEqual([true, undefined]);
  });

  it.each<[string, Partial<Principal>, Partial<SubmitTask>, object]>([
    ['of a role that may not submit', { role: 'viewer' }, {}, { code: 'forbidden', role: 'viewer' }],
    [
      'of a key for other types',
      { allowedTaskTypes: ['testing'] },
      {},
      { code: 'forbidden_task_type', taskType: 'analytics', allowed: ['testing'] },
    ],
    [
      'of a type that no agent serves',
      {},
      { task_type: 'testing' },
      { code: 'task_type_not_served', served: ['analytics'] },
    ],
    [
      'of an operation that its agent does not have',
      {},
      { payload: { operation: 'guess' } },
      { code: 'invalid_payload', problems: [{ pointer: '/payload/operation', detail: 'Must be one of query' }] },
    ],
    [
      'with a payload of another shape',
      {},
      { payload: { operation: 'query', n: 'seven' } },
      { code: 'invalid_payload', problems: [{ pointer: '/payload/n', detail: 'Must be number' }] },
    ],
  ])('refuses an order %s', async (_case, rights, change, refusal) => {
    const outcomes = await life.intake.submit({ ...caller, ...rights }, [{ submit: submit(change) }]);
    expect(outcomes).toEqual([{ kind: 'refused', refusal }]);
    expect(await rows()).toBe(0);
  });

  it('makes one task of a key and a body, and a conflict of another body', async () => {
    const key = { idempotencyKey: 'order-1' };
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => one(key)));
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'existing')).toHaveLength(49);
    expect(await one({ ...key, submit: submit({ priority: 'low' }) })).toMatchObject({ kind: 'conflict' });
    expect(await rows()).toBe(1);
  });

  it('keeps the keys of a batch and of single orders apart', async () => {
    await one({ idempotencyKey: batchItemKey('k', 0) });
    expect(await one({ idempotencyKey: 'k/0' })).toMatchObject({ kind: 'created' });
    expect(batchItemKey('k', 0)).not.toMatch(/^[\x21-\x7e]+$/);
  });

  describe('with room for three tasks', () => {
    let intake: Intake;
    let recorded: Recorded;

    beforeEach(() => {
      recorded = new Recorded();
      intake = intakeOver(life.database, recorded, 3);
    });

    it('refuses the orders that have no room, and no others', async () => {
      const outcomes = await intake.submit(
        caller,
        Array.from({ length: 5 }, () => ({ submit: submit() })),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'created', 'created', 'refused', 'refused']);
      expect(outcomes[4]).toMatchObject({ refusal: { code: 'queue_full', retryAfterS: 5 } });
      expect(recorded.commits.map((tasks) => tasks.length)).toEqual([3]);
    });

    it('takes no room for repeats, however full it is', async () => {
      const keyed = { submit: submit(), idempotencyKey: 'full-1' };
      await intake.submit(caller, [keyed]);
      for (let n = 0; n < 10; n++) expect((await intake.submit(caller, [keyed]))[0]?.kind).toBe('existing');
      const rest = await intake.submit(caller, [
        { submit: submit() },
        { submit: submit() },
        keyed,
        { submit: submit() },
      ]);
      expect(rest.map(({ kind }) => kind)).toEqual(['created', 'created', 'existing', 'refused']);
      expect((await intake.submit(caller, [keyed]))[0]?.kind).toBe('existing');
      const other = { submit: submit({ priority: 'low' }), idempotencyKey: 'full-1' };
      expect((await intake.submit(caller, [other]))[0]?.kind).toBe('conflict');
    });

    it('gives back the room of a commit that failed', async () => {
      const alongside = () => Promise.reject(new Error('undone'));
      await expect(intake.submit(caller, [{ submit: submit() }], { alongside })).rejects.toThrow('undone');
      expect(recorded.commits).toEqual([]);
      expect(await rows()).toBe(0);
      const outcomes = await intake.submit(
        caller,
        Array.from({ length: 3 }, () => ({ submit: submit() })),
      );
      expect(outcomes.every(({ kind }) => kind === 'created')).toBe(true);
    });
  });

  it('costs a tenant a day quota only for what is created', async () => {
    const keyed = { idempotencyKey: 'day-1' };
    for (let n = 0; n < 20; n++) await one(keyed);
    await one();
    const granted = () =>
      life.server.query<{ tasks: number }>('select tasks from tenant_day where tenant_id = $1', [tenantId]);
    const [before] = await granted();
    // The process leased some tasks of the day at once; twenty repeats must not have made it ask again.
    expect(before?.tasks).toBeLessThanOrEqual(501);
  });

  it('carries parent and replayed task to the row', async () => {
    const parent = await one();
    const parentId = parent.kind === 'created' ? parent.taskId : '';
    const child = await one({ parentId, replayOf: parentId });
    const [row] = await life.server.query<{ parent_id: string; replay_of: string; submitted_by: string }>(
      'select parent_id, replay_of, submitted_by from task_queue where task_id = $1',
      [child.kind === 'created' ? child.taskId : ''],
    );
    expect(row).toEqual({ parent_id: parentId, replay_of: parentId, submitted_by: caller.keyId });
  });
});
