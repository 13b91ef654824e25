import { DeadLetterReads } from '../src/index.js';
import { TaskLife, tester } from './task-life.js';

const lasting = { code: 'query_failed', message: 'No such table', permanent: true };

describe('the dead letters of tasks', () => {
  let life: TaskLife;
  let reads: DeadLetterReads;

  beforeAll(async () => {
    life = await TaskLife.start();
    reads = new DeadLetterReads(life.database);
  });

  afterAll(() => life.stop());

  const failedByItsWorker = async (): Promise<string> => {
    const taskId = await life.submit();
    const claim = await life.claimed(taskId);
    await Promise.all([life.results.fail(claim, lasting), life.results.fail(claim, lasting)]);
    return taskId;
  };

  const failedWithItsWorkers = async (): Promise<string> => {
    const taskId = await life.submit({ max_attempts: 2 });
    for (const dispatchId of [1, 2]) {
      await life.claimed(taskId, dispatchId);
      await life.makeDue(taskId);
      await Promise.all([life.sweep.rescueStuck(100), life.sweep.rescueStuck(100)]);
    }
    return taskId;
  };

  const failedTooLate = async (running: boolean): Promise<string> => {
    const taskId = await life.submit({ deadline_s: 600 });
    if (running) await life.claimed(taskId);
    await life.server.query('update task_queue set deadline_at = now() where task_id = $1', [taskId]);
    await Promise.all([life.sweep.failOverdue(100), life.sweep.failOverdue(100)]);
    return taskId;
  };

  const takenOver = async (): Promise<string> => {
    const taskId = await life.submit({ max_attempts: 1 });
    await life.claimed(taskId, 7);
    await life.claims.takeOver({ tenantId: life.tenantId, taskId, dispatchId: 7, wantsPayload: false });
    return taskId;
  };

  it('are one per failed task, whatever failed it, and none for any other task', async () => {
    const failed = [
      await failedByItsWorker(),
      await failedWithItsWorkers(),
      await failedTooLate(false),
      await failedTooLate(true),
      await takenOver(),
    ];
    const retrying = await life.submit();
    await life.results.fail(await life.claimed(retrying), { ...lasting, permanent: false }, 60_000);
    await life.results.complete(await life.claimed(await life.submit()), {});
    await life.cancels.cancel(life.tenantId, tester, await life.submit());

    const letters = await life.server.query<{ task_id: string }>('select task_id from dead_letter');
    const rows = await life.server.query<{ task_id: string }>(`select task_id from task_queue where status = 'failed'`);
    expect(letters.map(({ task_id }) => task_id).sort()).toEqual([...failed].sort());
    expect(rows.map(({ task_id }) => task_id).sort()).toEqual([...failed].sort());
  });

  it('show every attempt with its error and length', async () => {
    const taskId = await life.submit();
    await life.results.fail(await life.claimed(taskId), { ...lasting, message: 'First', permanent: false }, 0);
    await life.sweep.promoteScheduled(100);
    await life.results.fail(await life.claimed(taskId), { ...lasting, message: 'Second' });
    const [letter] = await reads.list(life.tenantId, { state: 'open' }, 1);
    const story = await reads.find(life.tenantId, letter?.deadLetterId ?? '');
    expect(story).toMatchObject({ taskId, reason: 'query_failed', task: { payload: { operation: 'query' } } });
    expect(story?.attempts).toMatchObject([
      { attempt: 1, duration_ms: expect.any(Number) as number, error: { message: 'First' } },
      { attempt: 2, duration_ms: expect.any(Number) as number, error: { message: 'Second' } },
    ]);
  });

  it('show an attempt whose worker was lost', async () => {
    const taskId = await failedWithItsWorkers();
    const letters = await reads.list(life.tenantId, { state: 'open', reason: 'worker_lost' }, 10);
    const letter = letters.find((one) => one.taskId === taskId);
    const story = await reads.find(life.tenantId, letter?.deadLetterId ?? '');
    expect(story?.attempts).toMatchObject([
      { attempt: 1, error: { code: 'worker_lost' } },
      { attempt: 2, error: { code: 'worker_lost' } },
    ]);
  });

  it('are not seen by another tenant', async () => {
    const other = await life.tenants.ensure('other');
    const [letter] = await reads.list(life.tenantId, {}, 1);
    expect(await reads.list(other, {}, 10)).toEqual([]);
    expect(await reads.find(other, letter?.deadLetterId ?? '')).toBeUndefined();
  });
});
