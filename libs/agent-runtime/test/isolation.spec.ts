import { eventually } from '@pulser/testing';

import { inlineSkill } from './inline.skill.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

/** Value of a metric without labels but the task type. */
const measured = async (worker: Worker, name: string): Promise<number> => {
  const text = await worker.metrics();
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)`, 'm').exec(text)?.[1] ?? 0);
};

/** Later than a busy machine needs for the start of a thread. */
const soon = { deadline_s: 4 };

describe('a handler in a thread', () => {
  let worker: Worker;

  beforeEach(async () => {
    worker = await Worker.start({ CONCURRENCY: '2', HANDLER_MEMORY_MB: '64' }, threadedSkill);
  });

  afterEach(() => worker.stop());

  const start = async (payload: Record<string, unknown>, task = {}): Promise<string> => {
    const taskId = await worker.submit(payload, task);
    await worker.dispatch(taskId);
    return taskId;
  };

  const cutOffs = (count: number): Promise<void> =>
    eventually(async () => {
      expect(await measured(worker, 'pulser_handlers_cut_off_total')).toBe(count);
    });

  it('that computes for ever ends at its deadline, and its neighbour completes undisturbed', async () => {
    const neighbour = await start({ operation: 'deaf', ms: 7_500 });
    const endless = await start({ operation: 'spin' }, soon);
    const { completedAt, error } = await worker.reaches(endless, 'failed');
    expect(error).toMatchObject({ code: 'deadline_exceeded' });
    await cutOffs(1);
    // Well before the end of the grace, of 2 s: the row does not wait for the thread.
    expect(Date.now() - Number(completedAt)).toBeGreaterThan(500);
    expect(await worker.reaches(neighbour, 'completed')).toMatchObject({ attempts: 1 });
  });

  it('keeps its slot until it is cut off, so that there are never more handlers than slots', async () => {
    const endless = [await start({ operation: 'spin' }, soon), await start({ operation: 'spin' }, soon)];
    for (const taskId of endless) await worker.reaches(taskId, 'failed');
    const next = await start({ operation: 'echo', value: 1 });
    await worker.reaches(next, 'completed');
    expect(await measured(worker, 'pulser_handlers_cut_off_total')).toBeGreaterThan(0);
    expect(await measured(worker, 'pulser_handler_threads')).toBeLessThanOrEqual(2);
  });

  it('that ignores the cancellation of its task frees its slot', async () => {
    const deaf = [await start({ operation: 'spin' }), await start({ operation: 'deaf', ms: 3_600_000 })];
    for (const taskId of deaf) await worker.reaches(taskId, 'running');
    for (const taskId of deaf) await worker.cancel(taskId);
    await cutOffs(2);
    await worker.run({ operation: 'echo', value: 1 }, 'completed');
    for (const taskId of deaf) expect(await worker.reaches(taskId, 'cancelled')).toMatchObject({ attempts: 1 });
  });

  it.each([
    ['ends the process', 'exit', 'handler_crashed', 'retrying'],
    ['throws where nobody catches', 'crash', 'handler_crashed', 'retrying'],
    ['takes all memory', 'hoard', 'resource_limit', 'failed'],
  ] as const)('that %s fails its own attempt alone', async (_what, operation, code, status) => {
    const neighbour = await start({ operation: 'deaf', ms: 1_500 });
    const crashed = await worker.run({ operation }, status);
    expect(crashed).toMatchObject({ attempts: 1, error: { code } });
    expect(await worker.reaches(neighbour, 'completed')).toMatchObject({ attempts: 1 });
    await worker.run({ operation: 'echo', value: 1 }, 'completed');
  });

  it('says when its task should be tried again', async () => {
    const { taskId, error } = await worker.run({ operation: 'fail' }, 'retrying');
    expect(error).toEqual({ code: 'query_failed', message: 'no such table', permanent: false, details: { line: 3 } });
    const rows = await worker.server.query(
      'select extract(epoch from due_at - updated_at)::int as seconds from task_queue where task_id = $1',
      [taskId],
    );
    expect(rows).toEqual([{ seconds: 3_600 }]);
  });

  it('is one thread after the other for tasks that come one after the other', async () => {
    for (const value of [1, 2, 3]) await worker.run({ operation: 'echo', value }, 'completed');
    expect(await measured(worker, 'pulser_handler_threads')).toBe(1);
  });
});

describe('an inline handler', () => {
  it('that ignores its abort is counted, and its slot is free after the grace', async () => {
    const worker = await Worker.start({ CONCURRENCY: '1' }, inlineSkill);
    const deaf = await worker.submit({ operation: 'deaf', ms: 7_500 }, soon);
    await worker.dispatch(deaf);
    await worker.reaches(deaf, 'failed');
    await worker.run({ operation: 'echo', value: 1 }, 'completed');
    expect(await measured(worker, 'pulser_handlers_ignoring_abort_total')).toBe(1);
    await worker.stop();
  });
});

describe('a worker that stops', () => {
  it('takes handlers with it that ignore it, and gives their tasks back', async () => {
    const worker = await Worker.start({}, threadedSkill);
    const { taskId } = await worker.run({ operation: 'spin' }, 'running');
    await worker.service.close();
    expect(await measured(worker, 'pulser_handler_threads')).toBe(0);
    expect(await worker.reads.find(worker.tenantId, taskId)).toMatchObject({ status: 'queued', attempts: 0 });
    await worker.stop();
  });
});
