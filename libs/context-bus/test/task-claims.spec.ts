import { TaskLife, tester } from './task-life.js';

const failure = { code: 'handler_failed', message: 'It broke', permanent: false };

describe('a claim', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  it('goes to one of many who ask at once', async () => {
    const taskId = await life.submit();
    const claims = await Promise.all(Array.from({ length: 50 }, (_, dispatchId) => life.claim(taskId, dispatchId)));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('brings the payload when the message did not carry it', async () => {
    const taskId = await life.submit({ payload: { operation: 'query', sql: 'select 1' } });
    const claim = await life.claims.claim({ tenantId: life.tenantId, taskId, dispatchId: 1, wantsPayload: true });
    expect(claim?.payload).toEqual({ operation: 'query', sql: 'select 1' });
  });

  it('is not had for a task that has ended', async () => {
    const taskId = await life.submit();
    await life.results.complete(await life.claimed(taskId), { answer: 42 });
    expect(await life.claim(taskId)).toBeUndefined();
  });

  it('keeps its lease while it is renewed, and learns when it was taken away', async () => {
    const [kept, taken] = [await life.submit(), await life.submit()];
    const claims = [await life.claimed(kept), await life.claimed(taken)];
    await life.cancels.cancel(life.tenantId, tester, taken);
    expect(await life.claims.renew(claims)).toEqual(new Set([kept]));
  });

  it('that lost its lease writes neither a result nor a failure', async () => {
    const taskId = await life.submit();
    const old = await life.claimed(taskId);
    await life.makeDue(taskId);
    await life.sweep.rescueStuck(100);
    const current = await life.claimed(taskId);

    expect(await life.results.complete(old, { from: 'the old worker' })).toBe(false);
    expect(await life.results.fail(old, failure)).toBe(false);
    expect(await life.results.complete(current, { from: 'the new worker' })).toBe(true);
    expect((await life.reads.find(life.tenantId, taskId))?.result).toEqual({ from: 'the new worker' });
  });

  it('is taken over when the very message that made it is delivered again, and by no other message', async () => {
    const taskId = await life.submit();
    await life.claimed(taskId, 7);
    const request = { tenantId: life.tenantId, taskId, wantsPayload: false };

    await life.claims.takeOver({ ...request, dispatchId: 8 });
    expect(await life.status(taskId)).toBe('running');
    await life.claims.takeOver({ ...request, dispatchId: 7 });
    expect(await life.claimed(taskId, 7)).toMatchObject({ attempt: 2 });
  });

  it('given back at a shutdown does not count as an attempt', async () => {
    const taskId = await life.submit();
    await life.claims.release([await life.claimed(taskId)]);
    expect(await life.claimed(taskId)).toMatchObject({ attempt: 1 });
  });
});

describe('attempts', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  const deadLetters = (taskId: string): Promise<{ reason: string }[]> =>
    life.server.query<{ reason: string }>('select reason from dead_letter where task_id = $1', [taskId]);

  it('end in a dead letter when workers are lost again and again', async () => {
    const taskId = await life.submit({ max_attempts: 2 });
    for (const dispatchId of [1, 2]) {
      await life.claimed(taskId, dispatchId);
      await life.makeDue(taskId);
      await life.sweep.rescueStuck(100);
    }
    expect(await life.status(taskId)).toBe('failed');
    expect(await deadLetters(taskId)).toEqual([{ reason: 'worker_lost' }]);
  });

  it('wait for their back-off and start again when it is over', async () => {
    const taskId = await life.submit();
    await life.results.fail(await life.claimed(taskId), failure, 60_000);
    expect(await life.status(taskId)).toBe('retrying');
    expect(await life.claim(taskId)).toBeUndefined();
    expect(await life.sweep.promoteScheduled(100)).toEqual([]);

    await life.makeDue(taskId);
    expect(await life.sweep.promoteScheduled(100)).toMatchObject([{ task_id: taskId, status: 'queued' }]);
    expect(await life.claimed(taskId)).toMatchObject({ attempt: 2 });
  });

  it('stop at the deadline, whatever the task was doing', async () => {
    const [waiting, running] = [await life.submit({ deadline_s: 600 }), await life.submit({ deadline_s: 600 })];
    const claim = await life.claimed(running);
    await life.server.query('update task_queue set deadline_at = now() where deadline_at is not null');
    const late = await life.sweep.failOverdue(100);
    expect(late.map(({ task_id }) => task_id).sort()).toEqual([waiting, running].sort());
    expect(await life.results.complete(claim, {})).toBe(false);
    expect(await deadLetters(waiting)).toEqual([{ reason: 'deadline_exceeded' }]);
  });
});
