import { eventually } from '@pulser/testing';

import { type AwaitedThing, type Claim, maxSignals, TaskSignals, TaskWaits } from '../src/index.js';
import { operatorOf, TaskLife, tester } from './task-life.js';

const failure = { code: 'handler_failed', message: 'It broke', permanent: false };
const anHour = 3_600_000;

let life: TaskLife;
let waits: TaskWaits;
let signals: TaskSignals;

beforeAll(async () => {
  life = await TaskLife.start();
  waits = new TaskWaits(life.database);
  signals = new TaskSignals(life.database);
});

afterAll(() => life.stop());

const forChildren = (refs: readonly string[]): AwaitedThing => ({
  key: 'all',
  kind: 'children',
  refs,
  onLimit: 'fail',
});

const forSignal = (ref: string, onLimit: AwaitedThing['onLimit'] = 'fail'): AwaitedThing => ({
  key: ref,
  kind: 'signal',
  ref,
  onLimit,
});

const suspended = (claim: Claim, wait: AwaitedThing): Promise<boolean> =>
  life.results.suspend(claim, { timeLimitMs: anHour, wait });

/** A parent that runs, with so many children. */
const parentOf = async (children: number, task: Parameters<TaskLife['submit']>[0] = {}) => {
  const parent = await life.submit({ max_attempts: 1 });
  const claim = await life.claimed(parent);
  const tasks = Array.from({ length: children }, () => ({
    task_type: 'analytics',
    priority: 'medium' as const,
    agent: 'dash',
    payload: {},
    max_attempts: 1,
    parent_id: parent,
    ...task,
  }));
  const accepted = await life.inserts.insertAll(life.tenantId, tasks);
  const ids = accepted.flatMap((one) => (one.kind === 'created' ? [one.taskId] : []));
  return { parent, claim, ids };
};

const send = (taskId: string, name: string, key: string, body: unknown = {}) =>
  signals.send(life.tenantId, taskId, { name, key, body, sentBy: 'tester' });

describe('a parent that waits for its children', () => {
  it('is woken by the statement that ends the last one, whichever way they end', async () => {
    const ends: readonly ((taskId: string) => Promise<unknown>)[] = [
      async (taskId) => life.results.complete(await life.claimed(taskId), { n: 1 }),
      async (taskId) => life.results.fail(await life.claimed(taskId), failure),
      (taskId) => life.cancels.cancel(life.tenantId, tester, taskId),
      async (taskId) => {
        await life.server.query('update task_queue set deadline_at = now() where task_id = $1', [taskId]);
        await life.sweep.failOverdue(100);
      },
      async (taskId) => {
        await life.claimed(taskId);
        await life.makeDue(taskId);
        await life.sweep.rescueStuck(100);
      },
      async (taskId) => {
        await life.claimed(taskId, 7);
        await life.claims.takeOver({ tenantId: life.tenantId, taskId, dispatchId: 7, wantsPayload: false });
      },
      async (taskId) => {
        await suspended(await life.claimed(taskId), forSignal('never'));
        await life.makeDue(taskId);
        await life.sweep.failOverdue(100);
      },
    ];
    for (const end of ends) {
      const { parent, claim, ids } = await parentOf(2);
      await suspended(claim, forChildren(ids));
      await life.results.complete(await life.claimed(ids[0] ?? ''), {});
      expect(await life.status(parent)).toBe('waiting');
      await end(ids[1] ?? '');
      expect(await life.status(parent)).toBe('queued');
      expect(await life.claimed(parent)).toMatchObject({ attempt: 1, maxAttempts: 1 });
    }
  });

  it('is announced when it is woken, and gets how they ended', async () => {
    const announced: string[] = [];
    life.results.onWoken((tasks) => announced.push(...tasks.map(({ task_id }) => task_id)));
    const { parent, claim, ids } = await parentOf(2);
    await suspended(claim, forChildren(ids));
    await life.results.complete(await life.claimed(ids[0] ?? ''), { answer: 42 });
    await life.results.fail(await life.claimed(ids[1] ?? ''), failure);
    expect(announced).toEqual([parent]);
    const again = await life.claimed(parent);
    expect(await waits.open(again, ids)).toEqual({ known: 2, open: 0 });
    expect(await waits.ends(again, 'all', ids)).toEqual([
      { taskId: ids[0], status: 'completed', result: { answer: 42 } },
      { taskId: ids[1], status: 'failed', error: failure },
    ]);
  });

  it('is queued at once when they have ended before', async () => {
    const { parent, claim, ids } = await parentOf(1);
    await life.results.complete(await life.claimed(ids[0] ?? ''), {});
    expect(await suspended(claim, forChildren(ids))).toBe(true);
    expect(await life.status(parent)).toBe('queued');
    expect(await life.claimed(parent)).toMatchObject({ attempt: 1 });
  });

  it('waits for those that it named alone', async () => {
    const { parent, claim, ids } = await parentOf(3);
    await suspended(claim, forChildren(ids.slice(0, 1)));
    await life.results.complete(await life.claimed(ids[1] ?? ''), {});
    expect(await life.status(parent)).toBe('waiting');
    await life.results.complete(await life.claimed(ids[0] ?? ''), {});
    expect(await life.status(parent)).toBe('queued');
  });

  it('is woken once by 1,000 that end within a moment while it is suspended', async () => {
    const { parent, claim, ids } = await parentOf(1_000);
    const claims = await Promise.all(ids.map((taskId) => life.claimed(taskId)));
    // Some end before, some at the same moment, some after it.
    const results = await Promise.all([
      ...claims.slice(0, 400).map((one) => life.results.complete(one, {})),
      suspended(claim, forChildren(ids)),
      ...claims
        .slice(400)
        .map((one, n) => (n % 2 === 0 ? life.results.complete(one, {}) : life.results.fail(one, failure))),
    ]);
    expect(results.every(Boolean)).toBe(true);
    expect(await life.sweep.wakeMissed(100)).toEqual([]);
    expect(await life.reads.find(life.tenantId, parent)).toMatchObject({ status: 'queued', attempts: 0 });
  });

  it('is woken whoever comes last, over many races of a suspension and the end of one child', async () => {
    const families = await Promise.all(Array.from({ length: 60 }, () => parentOf(1)));
    const children = await Promise.all(families.map(({ ids }) => life.claimed(ids[0] ?? '')));
    await Promise.all(
      families.map(async ({ claim, ids }, n) => {
        const child = children[n];
        if (child === undefined) throw new Error('A family has no child');
        const [stores] = [new Promise((resolve) => setTimeout(resolve, n % 7))];
        await Promise.all([stores.then(() => life.results.complete(child, {})), suspended(claim, forChildren(ids))]);
      }),
    );
    const statuses = await Promise.all(families.map(({ parent }) => life.status(parent)));
    expect(new Set(statuses)).toEqual(new Set(['queued']));
  });

  it('is found by the sweep when its row was locked as the last child ended', async () => {
    const { parent, claim, ids } = await parentOf(1);
    await suspended(claim, forChildren(ids));
    const child = await life.claimed(ids[0] ?? '');
    const lock = { name: 'test.lock-parent', text: 'select from task_queue where task_id = $1 for update' };
    await life.database.withTenant(life.tenantId, async (transaction) => {
      await transaction.query(lock, [parent]);
      expect(await life.results.complete(child, {})).toBe(true);
      expect(await life.sweep.wakeMissed(100)).toEqual([]);
    });
    expect(await life.status(parent)).toBe('waiting');
    expect(await life.sweep.wakeMissed(100)).toMatchObject([{ task_id: parent }]);
    expect(await life.sweep.wakeMissed(100)).toEqual([]);
    expect(await life.status(parent)).toBe('queued');
  });
});

describe('a child', () => {
  const order = (parentId: string, childKey: string) => ({
    submit: { task_type: 'analytics', priority: 'medium' as const, payload: { operation: 'query' } },
    parentId,
    childKey,
  });

  it('is one for its key, in every attempt of its parent', async () => {
    const { parent } = await parentOf(0);
    const both = await Promise.all(
      [1, 2].map(() => life.intake.submit(operatorOf(life.tenantId), [order(parent, 'a'), order(parent, 'b')])),
    );
    const ids = both.map((outcomes) => outcomes.map((one) => ('taskId' in one ? one.taskId : '')));
    expect(ids[0]).toEqual(ids[1]);
    expect(
      both
        .flat()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['created', 'created', 'existing', 'existing']);
    const [row] = await life.server.query('select children, depth from task_join where task_id = $1', [parent]);
    expect(row).toEqual({ children: 2, depth: 0 });
  });

  it('is not born when its parent has ended, or another attempt of that has begun', async () => {
    const { parent, claim } = await parentOf(0);
    const late = { ...order(parent, 'late'), parentEpoch: claim.epoch - 1 };
    const [stale] = await life.intake.submit(operatorOf(life.tenantId), [late]);
    expect(stale).toEqual({ kind: 'refused', refusal: { code: 'parent_ended' } });
    await life.results.complete(claim, {});
    const [refused] = await life.intake.submit(operatorOf(life.tenantId), [order(parent, 'a')]);
    expect(refused).toEqual({ kind: 'refused', refusal: { code: 'parent_ended' } });
  });

  it('knows the first of its ancestors, and is nested no deeper than 16 generations', async () => {
    const root = await life.submit();
    let parent = root;
    for (let depth = 0; depth < 16; depth += 1) {
      const [child] = await life.intake.submit(operatorOf(life.tenantId), [order(parent, 'next')]);
      parent = child !== undefined && 'taskId' in child ? child.taskId : '';
    }
    const rows = await life.server.query('select distinct root_id from task_queue where root_id = $1', [root]);
    expect(rows).toEqual([{ root_id: root }]);
    const [refused] = await life.intake.submit(operatorOf(life.tenantId), [order(parent, 'next')]);
    expect(refused).toEqual({ kind: 'refused', refusal: { code: 'nested_too_deep' } });
  });

  it('is never left open by a cancellation of its parent at any moment of its birth', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { parent } = await parentOf(0);
      const births = Array.from({ length: 40 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n % 9));
        return life.inserts.insertAll(life.tenantId, [
          {
            task_type: 'analytics',
            priority: 'medium',
            agent: 'dash',
            payload: {},
            max_attempts: 1,
            parent_id: parent,
          },
        ]);
      });
      await new Promise((resolve) => setTimeout(resolve, round));
      await Promise.all([...births, life.cancels.cancel(life.tenantId, tester, parent)]);
      await eventually(async () => {
        await life.sweep.closeFamilies(500);
        const [row] = await life.server.query(
          `select count(*) filter (where completed_at is null)::int as open, bool_or(closing) as closing from task_queue
           where parent_id = $1 or task_id = $1`,
          [parent],
        );
        expect(row).toEqual({ open: 0, closing: false });
      });
    }
  });

  it('of a family that is too large for one statement is cancelled by the sweep, through those that have ended', async () => {
    const { parent, ids } = await parentOf(700);
    const [middle = ''] = ids;
    const grandchild = await life.submit({ parent_id: middle });
    await life.results.complete(await life.claimed(middle), {});
    await life.cancels.cancel(life.tenantId, tester, parent);
    await eventually(async () => {
      await life.sweep.closeFamilies(500);
      const open = await life.server.query(
        'select task_id from task_queue where root_id = $1 and completed_at is null',
        [parent],
      );
      expect(open).toEqual([]);
    });
    expect(await life.status(grandchild)).toBe('cancelled');
    expect(await life.status(middle)).toBe('completed');
  });
});

describe('a signal', () => {
  it('wakes the task that waits for it, in the statement that keeps it', async () => {
    const { parent, claim } = await parentOf(0);
    await suspended(claim, forSignal('go'));
    expect(await send(parent, 'other', '1')).toMatchObject({ kind: 'kept', woken: [] });
    expect(await life.status(parent)).toBe('waiting');
    expect(await send(parent, 'go', '1', { speed: 3 })).toMatchObject({ kind: 'kept', woken: [{ task_id: parent }] });
    const again = await life.claimed(parent);
    expect(await waits.takeSignal(again, 'go', 'go')).toMatchObject({
      name: 'go',
      body: { speed: 3 },
      sentBy: 'tester',
    });
    expect(await waits.known(again, 'go')).toMatchObject({ outcome: { signal: { body: { speed: 3 } } } });
  });

  it('that comes early is kept, and each goes to one wait, the oldest first', async () => {
    const { parent, claim } = await parentOf(0);
    for (const n of [1, 2]) await send(parent, 'go', String(n), { n });
    expect(await suspended(claim, forSignal('go'))).toBe(true);
    expect(await life.status(parent)).toBe('queued');
    const again = await life.claimed(parent);
    expect(await waits.takeSignal(claim, 'old', 'go')).toBeUndefined();
    expect(await waits.takeSignal(again, 'first', 'go')).toMatchObject({ body: { n: 1 } });
    expect(await waits.takeSignal(again, 'second', 'go')).toMatchObject({ body: { n: 2 } });
    expect(await waits.takeSignal(again, 'third', 'go')).toBeUndefined();
  });

  it('is one for its name and key, and refused for a task that has ended, or has too many', async () => {
    const { parent, claim } = await parentOf(0);
    await send(parent, 'go', 'a', { n: 1 });
    expect(await send(parent, 'go', 'a', { n: 1 })).toMatchObject({ kind: 'repeated' });
    expect(await send(parent, 'go', 'a', { n: 2 })).toEqual({ kind: 'conflict' });
    await life.server.query(
      `insert into task_signal (tenant_id, task_id, name, key, body, body_hash, sent_by)
       select $1, $2, 'many', n::text, '{}', '', 'tester' from generate_series(2, $3::int) n`,
      [life.tenantId, parent, maxSignals],
    );
    expect(await send(parent, 'go', 'b')).toEqual({ kind: 'too_many' });
    await life.results.complete(claim, {});
    expect(await send(parent, 'go', 'c')).toEqual({ kind: 'ended', status: 'completed' });
    expect(await send('019a0000-0000-7000-8000-000000000001', 'go', 'c')).toEqual({ kind: 'no_task' });
  });

  it('is not lost while its task is being suspended', async () => {
    const parents = await Promise.all(Array.from({ length: 60 }, () => parentOf(0)));
    await Promise.all(
      parents.flatMap(({ parent, claim }, n) => [
        suspended(claim, forSignal('go')),
        new Promise((resolve) => setTimeout(resolve, n % 5)).then(() => send(parent, 'go', '1')),
      ]),
    );
    const statuses = await Promise.all(parents.map(({ parent }) => life.status(parent)));
    expect(new Set(statuses)).toEqual(new Set(['queued']));
  });
});

describe('a time', () => {
  it('that has come wakes the task; one that has passed does not let it wait', async () => {
    const { parent, claim } = await parentOf(0);
    const until = new Date(Date.now() + anHour).toISOString();
    await suspended(claim, { key: 'later', kind: 'time', until, onLimit: 'fail' });
    expect(await life.status(parent)).toBe('waiting');
    await life.makeDue(parent);
    expect(await life.sweep.failOverdue(100)).toEqual([]);
    expect(await life.sweep.wakeDue(100)).toMatchObject([{ task_id: parent }]);
    const again = await life.claimed(parent);
    expect(await waits.known(again, 'later')).toEqual({ outcome: undefined, until: new Date(until), reached: false });
    await suspended(again, { key: 'past', kind: 'time', until: new Date(0).toISOString(), onLimit: 'fail' });
    expect(await life.status(parent)).toBe('queued');
  });

  it('that limits a wait wakes the task where it said so', async () => {
    const { parent, claim } = await parentOf(0);
    await suspended(claim, forSignal('go', 'continue'));
    await life.makeDue(parent);
    expect(await life.sweep.failOverdue(100)).toEqual([]);
    expect(await life.sweep.wakeDue(100)).toHaveLength(1);
    expect(await waits.known(await life.claimed(parent), 'go')).toMatchObject({ outcome: { timedOut: true } });
  });
});
