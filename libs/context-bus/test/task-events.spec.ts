import { TaskLife, tester } from './task-life.js';

describe('the events of a task', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  const story = async (taskId: string, after = -1): Promise<string[]> => {
    const page = await life.events.after(life.tenantId, taskId, after);
    return (page?.events ?? []).map(({ event }) => (event.type === 'status' ? event.status : event.type));
  };

  it('tell an ordinary task without a stored row', async () => {
    const taskId = await life.submit();
    await life.results.complete(await life.claimed(taskId), {});
    expect(await story(taskId)).toEqual(['queued', 'running', 'completed']);
    expect(await life.server.query('select 1 from task_event where task_id = $1', [taskId])).toEqual([]);
  });

  it('keep lines and progress in order between start and end', async () => {
    const taskId = await life.submit();
    const claim = await life.claimed(taskId);
    await Promise.all([
      life.events.append({ ...claim, place: 1, body: { type: 'log', attempt: 1, level: 'info', message: 'one' } }),
      life.events.append({ ...claim, place: 2, body: { type: 'progress', attempt: 1, percent: 50 } }),
    ]);
    await life.results.complete(claim, {});
    expect(await story(taskId)).toEqual(['queued', 'running', 'log', 'progress', 'completed']);
  });

  it('resume after the last one seen', async () => {
    const taskId = await life.submit();
    await life.results.complete(await life.claimed(taskId), {});
    const page = await life.events.after(life.tenantId, taskId, -1);
    expect(page?.complete).toBe(true);
    expect(await story(taskId, page?.events[1]?.seq ?? 0)).toEqual(['completed']);
  });

  it('tell every attempt of a task that was retried', async () => {
    const taskId = await life.submit();
    await life.results.fail(
      await life.claimed(taskId),
      { code: 'handler_failed', message: 'It broke', permanent: false },
      0,
    );
    await life.sweep.promoteScheduled(100);
    await life.results.complete(await life.claimed(taskId), {});
    expect(await story(taskId)).toEqual(['queued', 'running', 'retrying', 'running', 'completed']);
  });

  it('tell of the worker that was lost', async () => {
    const taskId = await life.submit();
    await life.claimed(taskId);
    await life.makeDue(taskId);
    await life.sweep.rescueStuck(100);
    await life.results.complete(await life.claimed(taskId), {});
    expect(await story(taskId)).toEqual(['queued', 'running', 'queued', 'running', 'completed']);
  });

  it('tell when a running task was cancelled, once each', async () => {
    const taskId = await life.submit();
    const claim = await life.claimed(taskId);
    await life.cancels.cancel(life.tenantId, tester, taskId);
    await life.events.append({ ...claim, place: 1, body: { type: 'log', attempt: 1, level: 'info', message: 'late' } });
    expect(await story(taskId)).toEqual(['queued', 'running', 'cancelled']);
  });

  it('of an unknown task, or another tenant, are none', async () => {
    const other = await life.tenants.ensure('other');
    const taskId = await life.submit();
    expect(await life.events.after(other, taskId, -1)).toBeUndefined();
  });
});
