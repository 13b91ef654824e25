import type { Database } from '@pulser/database';
import { migrateUp } from '@pulser/database';
import { openAsAdministrator } from '@pulser/harness';
import { testDatabase, type TestDatabase } from '@pulser/testing';

import { type Facts, FactsStore } from '../src/check/facts.js';
import { judge } from '../src/check/promises.policy.js';
import { noToolFacts } from '../src/check/tool-facts.js';
import { outsideSchema } from '../src/worker/outside.js';

const ended = `('completed', now(), null)`;

describe('the facts of a run', () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    for (const text of outsideSchema) await server.query(text);
    await server.query(`insert into tenant (name) values ('acme')`);
    database = await openAsAdministrator(server.url(), 2, 'chaos-facts');
  });

  beforeEach(async () => {
    await server.query(
      `truncate task_queue, task_effect, dead_letter, dead_letter_replay, chaos.effects, chaos.effect_calls, task_delta,
         dead_letter_delta`,
    );
  });

  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  /** @param columns status, completed_at, due_at as SQL */
  const addTask = async (ref: string, columns = ended): Promise<string> => {
    const [row] = await server.query<{ task_id: string }>(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, status, completed_at, due_at)
       select tenant_id, 'chaos', 'chaos', jsonb_build_object('ref', $1::text), v.status::task_status, v.completed_at::timestamptz, v.due_at::timestamptz
       from tenant, (values ${columns}) as v(status, completed_at, due_at) returning task_id`,
      [ref],
    );
    return row?.task_id ?? '';
  };

  const addEffect = (ref: string, taskId: string): Promise<unknown> =>
    server.query('insert into chaos.effects (key, ref, task_id) values ($1::text, $2, $1::uuid)', [taskId, ref]);

  const brokenPromises = async (refs: readonly string[]): Promise<string[]> => {
    const store = new FactsStore(database);
    const facts: Facts = {
      at: Date.now(),
      submitted: refs.map((ref) => ({ ref, via: 'post', expect: 'effect', keyed: true, accepted: true, taskIds: [] })),
      tasks: await store.tasks(),
      effects: await store.effects(),
      calls: await store.calls(),
      ledger: await store.ledger(),
      deadTasks: await store.deadTasks(),
      queues: [],
      kept: { ...(await store.kept()), unfolded: 0 },
      health: await store.health(),
      waiting: await store.waiting(),
      asked: [],
      tools: noToolFacts,
    };
    return judge(facts).flatMap(({ promise, violations }) => (violations.length > 0 ? [promise] : []));
  };

  it('show nothing wrong where every task ended with its effect', async () => {
    await addEffect('1', await addTask('1'));
    expect(await brokenPromises(['1'])).toEqual([]);
  });

  it('show an accepted task without a row', async () => {
    expect(await brokenPromises(['1'])).toEqual(['every accepted task has a row that ended']);
  });

  it('show a task that still runs on an expired lease', async () => {
    await addTask('1', `('running', null, now() - interval '1 minute')`);
    expect(await brokenPromises(['1'])).toEqual([
      'every accepted task has a row that ended',
      'no lease ran out unnoticed',
    ]);
  });

  it('show an effect that was had twice, under two keys', async () => {
    await addEffect('1', await addTask('1'));
    await addEffect('1', await addTask('1'));
    expect(await brokenPromises(['1'])).toEqual([
      'every task had its effect exactly once, and only those that must have one',
      'one idempotency key is one task',
    ]);
  });

  it('show a call that came after the ledger had the effect', async () => {
    const taskId = await addTask('1');
    await addEffect('1', taskId);
    await server.query(
      `insert into task_effect (tenant_id, task_id, key, epoch, finished_at) select tenant_id, $1::uuid, 'effect', 1, now() from tenant`,
      [taskId],
    );
    await server.query(
      `insert into chaos.effect_calls (phase, key, ref, task_id, attempt, pid)
       select phase, $1::text, '1', $1::uuid, 2, 1 from unnest(array['begin', 'repeated']) as phase`,
      [taskId],
    );
    expect(await brokenPromises(['1'])).toEqual(['no effect was called for again once the ledger had it']);
  });

  it('show a failed task that has no dead letter', async () => {
    await addTask('1', `('failed', now(), null)`);
    expect(await brokenPromises(['1'])).toEqual([
      'every task ended as it had to',
      'every failed task, and no other, has one dead letter',
    ]);
  });

  it('show a count that differs from the rows', async () => {
    await addEffect('1', await addTask('1'));
    await server.query(`update task_delta set tasks = tasks + 1 where status = 'completed'`);
    expect(await brokenPromises(['1'])).toEqual(['the counters equal the rows, and are folded']);
  });
});
