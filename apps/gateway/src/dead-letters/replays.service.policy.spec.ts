import { type DeadLetterStory, TaskEntity } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';

import { replayOrder } from './replays.service.js';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

const task = (more: Partial<TaskEntity> = {}): TaskEntity =>
  Object.assign(new TaskEntity(), {
    taskType: 'analytics',
    priority: 'high',
    payload: { sql: 'selct 1' },
    metadata: null,
    createdAt: at(0),
    runAt: null,
    deadlineAt: null,
    ...more,
  });

const letter = (more: Partial<DeadLetterStory>): DeadLetterStory =>
  ({ task: null, body: null, messageId: null, reason: 'query_failed', ...more }) as DeadLetterStory;

const message = (body: string, more: Partial<DeadLetterStory> = {}): DeadLetterStory =>
  letter({ body: Buffer.from(body), messageId: 'm-1', reason: 'unauthenticated', ...more });

const good = JSON.stringify({ task_type: 'analytics', payload: {} });

describe('a replay of a task', () => {
  it('is the task as it was, with as long as it had', () => {
    const times = { runAt: at(10), deadlineAt: at(70), metadata: { order: 7 } };
    expect(replayOrder(letter({ task: task(times) }), {})).toEqual({
      task: {
        task_type: 'analytics',
        priority: 'high',
        payload: { sql: 'selct 1' },
        metadata: { order: 7 },
        deadline_s: 60,
      },
      edits: {},
      idempotencyKey: undefined,
    });
  });

  it('tells what was changed, and not what only was said again', () => {
    const { task: replayed, edits } = replayOrder(letter({ task: task() }), {
      payload: { sql: 'select 1' },
      priority: 'high',
    });
    expect(replayed.payload).toEqual({ sql: 'select 1' });
    expect(edits).toEqual({ payload: { before: { sql: 'selct 1' }, after: { sql: 'select 1' } } });
  });
});

describe('a replay of a message', () => {
  it('as it came is the task of its message id', () => {
    expect(replayOrder(message(good), {})).toMatchObject({
      task: { task_type: 'analytics', priority: 'medium' },
      idempotencyKey: 'm-1',
    });
  });

  it('that was changed, or whose id was taken, is a task of its own', () => {
    expect(replayOrder(message(good), { priority: 'low' }).idempotencyKey).toBeUndefined();
    expect(replayOrder(message(good, { reason: 'idempotency_conflict' }), {}).idempotencyKey).toBeUndefined();
  });

  it.each(['', '{', '[1]', 'null', '{"prio":1}'])('%j needs a whole task', (body) => {
    expect(() => replayOrder(message(body), {})).toThrow(HttpError);
  });

  it('takes a whole task instead of what is no task', () => {
    const { edits } = replayOrder(message('{'), { task_type: 'analytics', payload: {} });
    expect(edits).toEqual({ task_type: { before: null, after: 'analytics' }, payload: { before: null, after: {} } });
  });
});
