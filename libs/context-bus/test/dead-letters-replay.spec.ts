import { randomUUID } from 'node:crypto';

import {
  Agents,
  BulkReplays,
  DeadLetterDiscards,
  DeadLetterReads,
  DeadLetterSettled,
  FairShares,
  type Outcome,
  ReplayableTasks,
  settlingReplays,
  TaskTypes,
} from '../src/index.js';
import { newTask, operatorOf, TaskLife, tester } from './task-life.js';

describe('replaying dead letters', () => {
  let life: TaskLife;
  let reads: DeadLetterReads;
  let bulk: BulkReplays;
  let tenantId: string;

  beforeAll(async () => {
    life = await TaskLife.start();
    reads = new DeadLetterReads(life.database);
    const types = new TaskTypes(new Agents(life.database));
    bulk = new BulkReplays(new ReplayableTasks(life.database), types, life.intake);
  });

  beforeEach(async () => {
    tenantId = await life.tenants.ensure(`t-${randomUUID()}`);
  });

  afterAll(() => life.stop());

  const failMany = async (many: number, task = {}): Promise<string[]> => {
    const tasks = Array.from({ length: many }, (_, n) => newTask({ payload: { operation: 'query', n }, ...task }));
    const ids = (await life.inserts.insertAll(tenantId, tasks)).map(({ taskId }) => taskId);
    for (const taskId of ids) {
      const claim = await life.claims.claim({ tenantId, taskId, dispatchId: 1, wantsPayload: false });
      if (claim === undefined) throw new Error('The claim was lost');
      await life.results.fail(claim, { code: 'handler_failed', message: 'It broke', permanent: false });
    }
    return ids;
  };

  const order = { filter: {}, limit: 10_000, actor: tester };

  const replayAs = async (tenant: string, deadLetterId: string, replayOf: string): Promise<Outcome | undefined> => {
    const submit = { task_type: 'analytics', priority: 'medium', payload: { operation: 'query' } } as const;
    const alongside = settlingReplays([{ deadLetterId, edits: {} }], tester);
    return (await life.intake.submit(operatorOf(tenant), [{ submit, replayOf }], { alongside }))[0];
  };

  const letterOf = async (taskId: string) =>
    (await reads.list(tenantId, {}, 100)).find((letter) => letter.taskId === taskId);

  const repeated = () =>
    life.server.query<{ replay_of: string; status: string; attempts: number; wait: number }>(
      `select replay_of, status, attempts, extract(epoch from run_at - created_at)::float8 as wait
       from task_queue where tenant_id = $1 and replay_of is not null order by run_at, task_id`,
      [tenantId],
    );

  it('makes one task of two replays at the same moment, and undoes the other', async () => {
    const [taskId = ''] = await failMany(1);
    const letterId = (await letterOf(taskId))?.deadLetterId ?? '';
    const replay = () => replayAs(tenantId, letterId, taskId);
    const both = await Promise.allSettled([replay(), replay()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(replay()).rejects.toThrow(DeadLetterSettled);
    expect(await repeated()).toMatchObject([{ replay_of: taskId, status: 'queued', attempts: 0 }]);
    expect((await reads.find(tenantId, letterId))?.replays).toHaveLength(1);
  });

  it('of another tenant finds nothing', async () => {
    const [taskId = ''] = await failMany(1);
    const letterId = (await letterOf(taskId))?.deadLetterId ?? '';
    const other = await life.tenants.ensure('stranger');
    await expect(replayAs(other, letterId, taskId)).rejects.toThrow(DeadLetterSettled);
    expect((await letterOf(taskId))?.state).toBe('open');
  });

  it('in bulk takes the oldest first, up to the limit, each once', async () => {
    const ids = await failMany(5);
    const first = await bulk.replay(operatorOf(tenantId), { ...order, limit: 2 });
    expect(first).toEqual({ replayed: new Map([['analytics', 2]]), remaining: 3, skipped: 0 });
    expect((await repeated()).map(({ replay_of }) => replay_of)).toEqual(ids.slice(0, 2));
    await Promise.all([bulk.replay(operatorOf(tenantId), order), bulk.replay(operatorOf(tenantId), order)]);
    expect((await repeated()).map(({ replay_of }) => replay_of).sort()).toEqual([...ids].sort());
    expect(await bulk.replay(operatorOf(tenantId), order)).toEqual({ replayed: new Map(), remaining: 0, skipped: 0 });
  });

  it('at a rate starts the n-th task n / rate seconds from now', async () => {
    const ids = await failMany(4);
    await bulk.replay(operatorOf(tenantId), { ...order, ratePerS: 0.1 });
    const tasks = await repeated();
    expect(tasks.map(({ replay_of }) => replay_of)).toEqual(ids);
    expect(tasks.map(({ wait }) => Math.round(wait))).toEqual([10, 20, 30, 40]);
    expect(tasks.every(({ status }) => status === 'scheduled')).toBe(true);
  });

  it('without a rate publishes tasks that a router can dispatch at once', async () => {
    await failMany(3);
    life.published.length = 0;
    await bulk.replay(operatorOf(tenantId), order);
    expect(life.published.map((tasks) => tasks.length)).toEqual([3]);
    await life.server.query('update task_queue set due_at = now() where tenant_id = $1 and status = $2', [
      tenantId,
      'queued',
    ]);
    const lane = { agent: 'dash', priority: 'medium' } as const;
    const { rows } = await life.backlog.take(lane, { limit: 100, shares: new FairShares().snapshot });
    expect(rows.filter(({ tenant_id }) => tenant_id === tenantId)).toHaveLength(3);
  });

  it('gives the new task the time that the old one had', async () => {
    await failMany(1, { deadline_s: 600 });
    await bulk.replay(operatorOf(tenantId), order);
    const [row] = await life.server.query<{ s: number }>(
      `select extract(epoch from deadline_at - created_at)::float8 as s from task_queue
       where tenant_id = $1 and replay_of is not null`,
      [tenantId],
    );
    expect(row?.s).toBeCloseTo(600, -1);
  });

  it('leaves dead letters of other filters, of types that no agent serves, and discarded ones alone', async () => {
    const [kept = '', unserved = '', given = ''] = await failMany(3);
    await life.server.query(`update dead_letter set task_type = 'testing' where task_id = $1`, [unserved]);
    await life.server.query(`update task_queue set task_type = 'testing' where task_id = $1`, [unserved]);
    const discards = new DeadLetterDiscards(life.database);
    await discards.discard(tenantId, (await letterOf(given))?.deadLetterId ?? '', { reason: 'old', actor: tester });
    expect((await bulk.replay(operatorOf(tenantId), { ...order, filter: { reason: 'worker_lost' } })).replayed).toEqual(
      new Map(),
    );
    expect(await bulk.replay(operatorOf(tenantId), order)).toMatchObject({ remaining: 0, skipped: 1 });
    expect((await repeated()).map(({ replay_of }) => replay_of)).toEqual([kept]);
  });

  it('discards many in one go, oldest first, with reason and count of the rest', async () => {
    const ids = await failMany(3);
    const discards = new DeadLetterDiscards(life.database);
    const some = await discards.discardMany(tenantId, {}, { reason: 'outage', actor: tester, limit: 2 });
    expect(some).toEqual({ discarded: 2, remaining: 1 });
    expect(await letterOf(ids[0] ?? '')).toMatchObject({ state: 'discarded', discardReason: 'outage' });
    expect((await letterOf(ids[2] ?? ''))?.state).toBe('open');
  });
});
