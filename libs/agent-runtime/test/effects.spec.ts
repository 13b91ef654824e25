import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from '@pulser/testing';

import { inlineSkill } from './inline.skill.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

describe.each([
  ['in the thread of the worker', inlineSkill],
  ['in a thread of its own', threadedSkill],
])('an effect of a handler %s', (_where, skill) => {
  let worker: Worker;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'effects-'));
    worker = await Worker.start({ RESULT_MAX_BYTES: '1024' }, skill);
  });

  beforeEach(() => {
    file = join(folder, String(Math.random()));
  });

  afterAll(async () => {
    await worker.stop();
    await rm(folder, { recursive: true });
  });

  /** Idempotency keys of the effects that were tried, in order. */
  const tried = async (): Promise<string[]> => {
    const text = await readFile(file, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  };

  const again = async (taskId: string): Promise<void> => {
    await worker.server.query('update task_queue set due_at = now() where task_id = $1', [taskId]);
    await eventually(async () => {
      expect(await worker.sweep.promoteScheduled(10)).toHaveLength(1);
    });
    await worker.dispatch(taskId);
  };

  it('is tried once by calls of one key at the same time, which get the same', async () => {
    const task = await worker.run({ operation: 'charge', file }, 'completed');
    expect(task.result).toEqual({ charged: { attempt: 1 }, same: { attempt: 1 } });
    expect(await tried()).toHaveLength(1);
  });

  it('that was finished is not tried again by a later attempt, which gets what it gave', async () => {
    const { taskId } = await worker.run({ operation: 'charge', file, fails: 'after' }, 'retrying');
    await again(taskId);
    const task = await worker.reaches(taskId, 'completed');
    expect(task).toMatchObject({ attempts: 2, result: { charged: { attempt: 1 } } });
    expect(await tried()).toHaveLength(1);
  });

  it('that failed is tried again by the next attempt, with the same idempotency key', async () => {
    const { taskId, error } = await worker.run({ operation: 'charge', file, fails: 'during' }, 'retrying');
    expect(error).toMatchObject({ message: 'failed while charging' });
    await again(taskId);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { charged: { attempt: 2 } } });
    const [first, second] = await tried();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
  });

  it('of an attempt that lost its task is not written down, and tried again with the same key', async () => {
    const taskId = await worker.submit({ operation: 'charge', file, gate: `${file}.gate` });
    await worker.dispatch(taskId);
    await eventually(async () => {
      expect(await tried()).toHaveLength(1);
    });
    await worker.server.query('update task_queue set due_at = now() where task_id = $1', [taskId]);
    await worker.sweep.rescueStuck(10);
    await worker.dispatch(taskId);
    expect(await worker.reaches(taskId, 'completed')).toMatchObject({ result: { charged: { attempt: 2 } } });
    await writeFile(`${file}.gate`, '');
    await eventually(async () => {
      expect(await worker.metrics()).toMatch(/outcome="lost"\} 1/);
    });
    const [first, second, ...more] = await tried();
    expect(second).toBe(first);
    expect(more).toEqual([]);
    const rows = await worker.server.query('select result from task_effect where task_id = $1', [taskId]);
    expect(rows).toEqual([{ result: { attempt: 2 } }]);
  });

  it.each([
    ['its key cannot be kept', { key: '' }, 'handler_failed'],
    ['its result is too large', { bytes: 2_000 }, 'result_too_large'],
  ])('fails for good when %s', async (_why, effect, code) => {
    const task = await worker.run({ operation: 'record', ...effect }, 'failed');
    expect(task.error).toMatchObject({ code, permanent: true });
  });
});
