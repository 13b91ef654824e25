import type { TaskFailure } from '@pulser/contracts';

import {
  DeadLetterCauses,
  DeadLetterReads,
  RawDeadLetters,
  TaskDiagnostics,
  type TaskFilter,
  TaskLists,
} from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

const failure = (message: string, details?: Record<string, unknown>): TaskFailure => ({
  code: 'handler_failed',
  message,
  permanent: true,
  ...(details !== undefined && { details }),
});

const huge = 20_000_000;

let life: TaskLife;
let letters: DeadLetterReads;

beforeAll(async () => {
  life = await TaskLife.start();
  letters = new DeadLetterReads(life.database);
  // Stands for whatever a database may refuse in an error that is bounded and storable.
  await life.server.query(`create function refuse() returns trigger language plpgsql as $$ begin
    if new.error ->> 'message' like '%unheard of%' then raise exception 'no' using errcode = '22P05'; end if;
    return new; end $$`);
  for (const table of ['task_queue', 'dead_letter']) {
    await life.server.query(
      `create trigger refuse before insert or update on ${table} for each row execute function refuse()`,
    );
  }
});

afterAll(() => life.stop());

const failed = async (error: TaskFailure, retryAfterMs?: number): Promise<string> => {
  const taskId = await life.submit();
  expect(await life.results.fail(await life.claimed(taskId), error, retryAfterMs)).toBe(true);
  return taskId;
};

/** As a version without bounds left it. */
const setError = (taskId: string, error: TaskFailure): Promise<unknown> =>
  life.server.query(`update task_queue set error = $2 where task_id = $1`, [taskId, JSON.stringify(error)]);

const listed = async (taskId: string) =>
  (await new TaskLists(life.database).page(life.tenantId, {}, 100)).tasks.find((task) => task.taskId === taskId);

describe('an attempt whose error', () => {
  it.each([
    ['is cut inside a surrogate pair', failure('😀'.repeat(100).slice(0, 119))],
    ['has a NUL', failure('a\u0000b', { ['k\u0000']: 'v\u0000' })],
    ['has half surrogates in its details', failure('x', { ['\ud800']: ['\udc00'] })],
    ['has 20 MB', failure('x'.repeat(huge), { cell: 'x'.repeat(huge) })],
    ['has a code that is none', { ...failure('x'), code: 'No Code \u0000' }],
    ['has a member __proto__', failure('x', JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>)],
  ])('%s ends at once, beside others of its batch', async (_case, error) => {
    const [taskId, neighbour] = await Promise.all([failed(error), failed(failure('plain'))]);
    const task = await life.reads.find(life.tenantId, taskId);
    expect(task).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'handler_failed', permanent: true } });
    expect(JSON.stringify(task?.error).length).toBeLessThan(20_000);
    expect(await life.reads.find(life.tenantId, neighbour)).toMatchObject({ error: failure('plain') });
    expect(await listed(taskId)).toMatchObject({ status: 'failed', error: { code: 'handler_failed' } });
  });

  it('is refused by the database all the same ends with an error that says so', async () => {
    const [taskId, retried, neighbour] = await Promise.all([
      failed({ ...failure('unheard of'), code: 'query_failed' }),
      failed(failure('unheard of'), 60_000),
      failed(failure('plain')),
    ]);
    expect(await life.reads.find(life.tenantId, taskId)).toMatchObject({
      status: 'failed',
      error: {
        code: 'query_failed',
        message: 'The attempt failed, but its error cannot be stored (SQLSTATE 22P05)',
        permanent: true,
      },
    });
    expect(await life.status(retried)).toBe('retrying');
    expect(await life.reads.find(life.tenantId, neighbour)).toMatchObject({ error: failure('plain') });
  });
});

describe('a result', () => {
  it('keeps a member __proto__', async () => {
    const taskId = await life.submit();
    const json = '{"__proto__":{"a":1},"b":[{"__proto__":2}]}';
    await life.results.complete(await life.claimed(taskId), JSON.parse(json));
    // In the order of jsonb.
    expect(JSON.stringify((await life.reads.find(life.tenantId, taskId))?.result)).toBe(
      '{"b":[{"__proto__":2}],"__proto__":{"a":1}}',
    );
  });
});

describe('lists', () => {
  it('show short errors, also of rows that are older than the bounds', async () => {
    const taskId = await failed(failure('x'.repeat(3_000), { cell: 'c'.repeat(1_000) }));
    const old = await failed(failure('x'));
    await setError(old, failure('y'.repeat(huge), { cell: 'y'.repeat(huge) }));
    await life.server.query(`update dead_letter set error = $2 where task_id = $1`, [
      old,
      JSON.stringify(failure('y'.repeat(huge), { cell: 'y'.repeat(huge) })),
    ]);
    expect((await listed(taskId))?.error).toEqual(failure(`${'x'.repeat(260)}... (2,740 more characters)`));
    expect((await listed(old))?.error).toEqual(failure(`${'y'.repeat(260)}... (19,999,740 more characters)`));

    const letter = (await letters.list(life.tenantId, {}, 100)).find((one) => one.taskId === old);
    expect(letter?.error).toEqual(failure(`${'y'.repeat(260)}... (19,999,740 more characters)`));
    const causes = await new DeadLetterCauses(life.database).list(life.tenantId, {}, 100);
    expect(Math.max(...causes.map(({ sample }) => sample?.length ?? 0))).toBeLessThanOrEqual(300);
  });

  it('leave the whole error to the task and the dead letter, bounded', async () => {
    const taskId = await failed(failure('z'.repeat(3_000), { cell: 'c' }));
    expect(await life.reads.find(life.tenantId, taskId)).toMatchObject({
      error: failure('z'.repeat(3_000), { cell: 'c' }),
    });
    const summary = (await letters.list(life.tenantId, {}, 100)).find((one) => one.taskId === taskId);
    expect(await letters.find(life.tenantId, summary?.deadLetterId ?? '')).toMatchObject({
      error: failure('z'.repeat(3_000), { cell: 'c' }),
      attempts: [{ error: failure('z'.repeat(3_000), { cell: 'c' }) }],
    });
    await setError(taskId, failure('z'.repeat(huge), { cell: 'z'.repeat(huge) }));
    expect(JSON.stringify((await life.reads.find(life.tenantId, taskId))?.error).length).toBeLessThan(20_000);
    const page = await life.events.after(life.tenantId, taskId, -1);
    expect(JSON.stringify(page).length).toBeLessThan(20_000);
  });

  it.each([
    { status: ['failed'] },
    { task_type: 'analytics', agent: 'dash' },
    {
      status: ['failed'],
      task_type: 'analytics',
      agent: 'dash',
      created_after: '2020-01-01T00:00:00Z',
      created_before: '2999-01-01T00:00:00Z',
    },
  ] satisfies TaskFilter[])('are filtered: %j', async (query) => {
    const taskId = await failed(failure('x'));
    const lists = new TaskLists(life.database);
    const ids = (await lists.page(life.tenantId, query, 100)).tasks.map((task) => task.taskId);
    expect(ids).toContain(taskId);
    expect((await lists.page(life.tenantId, { ...query, status: ['waiting'] }, 100)).tasks).toEqual([]);
  });
});

describe('a task that was cancelled after a failed attempt', () => {
  it('does not show the error of that attempt as its own', async () => {
    const taskId = await failed(failure('of the first attempt'), 60_000);
    await life.cancels.cancel(life.tenantId, tester, taskId);
    expect(await life.reads.find(life.tenantId, taskId)).toMatchObject({ status: 'cancelled', error: null });
    const events = (await life.events.after(life.tenantId, taskId, -1))?.events.map(({ event }) => event);
    expect(events).toMatchObject([
      { status: 'queued' },
      { status: 'running' },
      { status: 'retrying', error: failure('of the first attempt') },
      { status: 'cancelled' },
    ]);
  });

  it('by a version that kept it does not either', async () => {
    const taskId = await failed(failure('x'), 60_000);
    await life.cancels.cancel(life.tenantId, tester, taskId);
    await setError(taskId, failure('of the first attempt'));
    expect(await life.reads.find(life.tenantId, taskId)).toMatchObject({ error: null });
    expect(await listed(taskId)).toMatchObject({ status: 'cancelled', error: null });
    expect(await new TaskDiagnostics(life.database).of(life.tenantId, taskId)).toMatchObject({ error: null });
    expect(JSON.stringify(await life.events.after(life.tenantId, taskId, -1))).not.toContain('of the first');
  });
});

describe('lines of a task', () => {
  it('that are older than the bounds are bounded when they are read', async () => {
    const taskId = await life.submit();
    const claim = await life.claimed(taskId);
    const fields = { cell: 'x'.repeat(huge) };
    await life.events.append({
      ...claim,
      place: 1,
      body: { type: 'log', attempt: 1, level: 'info', message: 'x'.repeat(huge), fields },
    });
    await life.events.append({
      ...claim,
      place: 2,
      body: { type: 'progress', attempt: 1, percent: 7, message: 'x'.repeat(huge) },
    });
    const page = await life.events.after(life.tenantId, taskId, 1_000_000);
    expect(page?.events).toHaveLength(2);
    expect(JSON.stringify(page).length).toBeLessThan(20_000);
  });
});

describe('a message that became no task', () => {
  it('is kept even when the database refuses its error or its headers', async () => {
    const message = {
      tenantId: life.tenantId,
      taskType: undefined,
      reason: 'invalid_message',
      sourceQueue: 'tasks',
      routingKey: undefined,
      messageId: 'm-1',
      headers: { x: '\ud800' },
      body: Buffer.from('{'),
      rejectionKey: 'one',
      messageKey: undefined,
    };
    const kept = new RawDeadLetters(life.database);
    expect(await kept.keep({ ...message, error: failure('unheard of') })).toBe(true);
    expect(await kept.keep({ ...message, rejectionKey: 'two', error: failure('plain') })).toBe(true);
    expect(await letters.list(life.tenantId, { reason: 'invalid_message' }, 10)).toHaveLength(2);
  });
});
