import { setTimeout as delay } from 'node:timers/promises';

import { Pauses, systemActor, type TaskEntity } from '@pulser/context-bus';
import { type Delivery, DeliveryContext } from '@pulser/messaging';
import { eventually } from '@pulser/testing';
import { z } from 'zod';

import { TaskConsumer } from '../src/attempt/task.consumer.js';
import { KnownPauses } from '../src/attempt/unclaimed-runs.js';
import { operation, skill, TaskError, type TaskContext } from '../src/skills/skill.js';
import { repeatableSkill } from './repeatable.skill.js';
import { Worker } from './worker.js';

let during: (context: TaskContext) => Promise<unknown> = () => Promise.resolve({});
let runs = 0;

const repeatable = operation({
  name: 'repeat',
  summary: 'Does what the test wants done while it runs',
  input: z.strictObject({ operation: z.enum(['repeat', 'claimed']) }),
  example: { operation: 'repeat' },
  inline: true,
  repeatable: true,
  handle: (_input, context) => {
    runs += 1;
    return during(context);
  },
});

const payload = { operation: 'repeat' };

describe('a repeatable operation', () => {
  let worker: Worker;

  beforeEach(async () => {
    worker = await Worker.start(
      { LEASE_S: '3' },
      skill('analytics', import.meta.url, [repeatable, { ...repeatable, name: 'claimed', repeatable: false }]),
    );
    runs = 0;
    during = () => Promise.resolve({ done: true });
    // Whether anything is paused is not known before the first task.
    await eventually(() => {
      expect(worker.service.app.get(KnownPauses).nothingIsPaused).toBe(true);
    });
  });

  afterEach(() => worker.stop());

  const now = async (taskId: string): Promise<TaskEntity | null> => worker.reads.find(worker.tenantId, taskId);

  const start = async (task = {}): Promise<string> => {
    const taskId = await worker.submit(payload, task);
    await worker.dispatchFresh(taskId, payload);
    return taskId;
  };

  /** Runs one task. @returns its row as it was while it ran, after `first`, and its id */
  const seen = async (first: (context: TaskContext) => Promise<unknown>): Promise<[TaskEntity | null, string]> => {
    const looked = Promise.withResolvers<TaskEntity | null>();
    during = async (context) => {
      await first(context);
      looked.resolve(await now(context.taskId));
      return { done: true };
    };
    const taskId = await start();
    return [await looked.promise, taskId];
  };

  /** As `seen`, of a run that ended before it was claimed: on a busy machine not every one does. */
  const seenUnclaimed = (first: (context: TaskContext) => Promise<unknown>): Promise<[TaskEntity | null, string]> =>
    eventually(async () => {
      const found = await seen(first);
      expect(found[0]).toMatchObject({ attempts: 0 });
      return found;
    });

  const outcomes = async (): Promise<Record<string, number>> => {
    const found = (await worker.metrics()).matchAll(/pulser_task_attempts_total\{.*outcome="(\w+)".*\} ([1-9]\d*)/g);
    return Object.fromEntries([...found].map(([, outcome = '', count]) => [outcome, Number(count)]));
  };

  it('runs while its task is still queued, and ends it', async () => {
    const [row, taskId] = await seenUnclaimed(() => Promise.resolve());
    expect(row).toMatchObject({ status: 'queued', attempts: 0 });
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ attempts: 1, epoch: 1 });
    expect((await worker.reads.find(worker.tenantId, taskId))?.startedAt).not.toBeNull();
    await eventually(async () => {
      expect(await outcomes()).toEqual({ completed: runs });
      expect(await worker.metrics()).toMatch(new RegExp(`pulser_task_queue_wait_seconds_count\\{.*\\} ${runs}$`, 'm'));
    });
  });

  it.each<[string, (context: TaskContext) => unknown]>([
    ['an effect', ({ once }) => once('effect', () => Promise.resolve(1))],
    ['an artifact', ({ artifact }) => artifact('a.txt', 'text/plain', Buffer.from('a'))],
    [
      'a line',
      ({ log }) => {
        log('info', 'running');
      },
    ],
    [
      'progress',
      ({ progress }) => {
        progress(1);
      },
    ],
  ])('has the claim before %s', async (_what, act) => {
    const [row, taskId] = await seen(async (context) => {
      await act(context);
      await eventually(async () => {
        expect(await now(context.taskId)).toMatchObject({ status: 'running' });
      });
    });
    expect(row).toMatchObject({ status: 'running', attempts: 1 });
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ attempts: 1, epoch: 1 });
  });

  it('that lasts gets its claim and its lease, and is stopped like any other', async () => {
    during = ({ signal }) => delay(3_600_000, undefined, { signal });
    const taskId = await start();
    const { startedAt, updatedAt } = await worker.reaches(taskId, 'running');
    // It is shown from where it began.
    expect(Number(updatedAt) - Number(startedAt)).toBeGreaterThanOrEqual(100);
    await worker.cancel(taskId);
    await eventually(async () => {
      expect(await outcomes()).toMatchObject({ lost: 1 });
    });
  });

  it('fails under a claim: it is tried again, counted', async () => {
    during = ({ attempt }) => Promise.reject(new TaskError('handler_failed', `attempt ${attempt}`));
    const taskId = await start();
    expect(await worker.reaches(taskId, 'retrying')).toMatchObject({
      attempts: 1,
      epoch: 1,
      error: { message: 'attempt 1' },
    });
  });

  it('whose task was cancelled while it ran changes nothing', async () => {
    const [row, taskId] = await seenUnclaimed(({ taskId: id }) => worker.cancelUnheard(id));
    expect(row).toMatchObject({ status: 'cancelled' });
    await eventually(async () => {
      expect(await outcomes()).toEqual({ lost: runs });
    });
    expect(await now(taskId)).toMatchObject({ status: 'cancelled', attempts: 0 });
  });

  it('does not end while its agent is paused, and soon does not start either', async () => {
    const pauses = new Pauses(worker.database);
    const [, taskId] = await seen(() => pauses.pauseForAll(systemActor('test'), { agent: 'dash' }));
    await eventually(async () => {
      expect(await outcomes()).toEqual({ lost: 1 });
    });
    expect(await now(taskId)).toMatchObject({ status: 'queued', attempts: 0 });
    await eventually(() => {
      expect(worker.service.app.get(KnownPauses).nothingIsPaused).toBe(false);
    });
    await consumed(await worker.submit(payload), false);
    expect(runs).toBe(1);
  });

  /** Hands a message over as the broker would, and waits until it is handled. */
  const consumed = (taskId: string, redelivered: boolean): Promise<void> =>
    worker.service.app
      .get(TaskConsumer)
      .run([worker.freshDispatch(taskId, payload)], new DeliveryContext({ redelivered } as Delivery));

  it('ends once when two messages make it run twice', async () => {
    const both = Promise.withResolvers<undefined>();
    during = async () => {
      if (runs === 2) both.resolve(undefined);
      return both.promise;
    };
    const taskId = await worker.submit(payload);
    await Promise.all([consumed(taskId, false), consumed(taskId, false)]);
    expect(await now(taskId)).toMatchObject({ status: 'completed', attempts: 1, epoch: 1 });
    expect(await outcomes()).toMatchObject({ completed: 1, lost: 1 });
  });

  it('keeps its lease when a second message of its task comes', async () => {
    during = ({ signal }) => delay(3_600_000, undefined, { signal });
    const taskId = await start();
    await worker.reaches(taskId, 'running');
    await consumed(taskId, false);
    expect(await outcomes()).toEqual({ lost: 1 });
    const leaseEnd = async (): Promise<number> => {
      const [row] = await worker.server.query<{ due_at: Date }>('select due_at from task_queue where task_id = $1', [
        taskId,
      ]);
      return Number(row?.due_at);
    };
    const first = await leaseEnd();
    await eventually(async () => {
      expect(await leaseEnd()).toBeGreaterThan(first);
    });
  });

  it('does not run again for a message that is tried again in place', async () => {
    const dispatch = worker.freshDispatch(await worker.submit(payload), payload);
    const context = new DeliveryContext({ redelivered: false } as Delivery);
    for (let n = 0; n < 2; n += 1) await worker.service.app.get(TaskConsumer).run([dispatch], context);
    expect(runs).toBe(1);
  });

  it('that may have killed its worker is claimed, and counts that attempt: it dies in time', async () => {
    during = ({ signal, attempt }) => delay(3_600_000, { attempt }, { signal });
    const taskId = await worker.submit(payload, { max_attempts: 2 });
    const second = consumed(taskId, true);
    expect(await worker.reaches(taskId, 'running')).toMatchObject({ attempts: 2 });
    await consumed(taskId, true);
    await second;
    expect(await now(taskId)).toMatchObject({ status: 'failed', attempts: 2, error: { code: 'worker_lost' } });
    expect(runs).toBe(1);
  });

  it.each([
    ['that its message does not call fresh, as one with a deadline', false, payload],
    ['whose operation is not repeatable', true, { operation: 'claimed' }],
  ])('is no other: a task %s is claimed first', async (_what, isFresh, given) => {
    const looked = Promise.withResolvers<TaskEntity | null>();
    during = async ({ taskId: id }) => {
      looked.resolve(await now(id));
    };
    const taskId = await worker.submit(given, { deadline_s: 3_600 });
    const { fresh, ...dispatch } = worker.freshDispatch(taskId, given);
    await worker.publisher.dispatch('dash', [{ ...dispatch, ...(isFresh && { fresh }) }], 5);
    expect(await looked.promise).toMatchObject({ status: 'running', attempts: 1 });
    await worker.reaches(taskId, 'completed');
  });
});

describe('a repeatable operation in a thread', () => {
  it('ends short tasks, claims long ones and fails under a claim, too', async () => {
    const worker = await Worker.start({}, repeatableSkill);
    await eventually(() => {
      expect(worker.service.app.get(KnownPauses).nothingIsPaused).toBe(true);
    });
    const reaches = async (given: Record<string, unknown>, status: TaskEntity['status']): Promise<TaskEntity> => {
      const taskId = await worker.submit(given);
      await worker.dispatchFresh(taskId, given);
      return worker.reaches(taskId, status);
    };
    expect((await reaches({ operation: 'echo', value: 1 }, 'completed')).attempts).toBe(1);
    expect((await reaches({ operation: 'echo', value: 2 }, 'completed')).result).toEqual({ value: 2 });
    expect((await reaches({ operation: 'tell' }, 'completed')).attempts).toBe(1);
    expect((await reaches({ operation: 'break', times: 1 }, 'retrying')).attempts).toBe(1);
    expect((await reaches({ operation: 'wait' }, 'running')).attempts).toBe(1);
    await worker.stop();
  });
});
