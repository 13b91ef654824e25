import { TaskLife, tester } from './task-life.js';

describe('a cancellation', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  it('ends the task with its steps and their steps, and shuts their workers out', async () => {
    const parent = await life.submit();
    const child = await life.submit({ parent_id: parent });
    const grandchild = await life.submit({ parent_id: child });
    const claim = await life.claimed(grandchild);

    const cancelled = await life.cancels.cancel(life.tenantId, tester, parent);
    expect(cancelled.map(({ taskId }) => taskId).sort()).toEqual([parent, child, grandchild].sort());
    expect(await life.results.complete(claim, {})).toBe(false);
    for (const taskId of [parent, child, grandchild]) expect(await life.status(taskId)).toBe('cancelled');
  });

  it('leaves steps alone that have ended', async () => {
    const parent = await life.submit();
    const child = await life.submit({ parent_id: parent });
    await life.results.complete(await life.claimed(child), {});
    expect(await life.cancels.cancel(life.tenantId, tester, parent)).toMatchObject([{ taskId: parent }]);
    expect(await life.status(child)).toBe('completed');
  });

  it('does nothing to a task that has ended, nor to its steps', async () => {
    const parent = await life.submit();
    const child = await life.submit({ parent_id: parent });
    await life.results.complete(await life.claimed(parent), {});
    expect(await life.cancels.cancel(life.tenantId, tester, parent)).toEqual([]);
    expect(await life.status(child)).toBe('queued');
  });

  it('does not reach what belongs to another tenant', async () => {
    const other = await life.tenants.ensure('other');
    const parent = await life.submit();
    expect(await life.cancels.cancel(other, tester, parent)).toEqual([]);
    expect(await life.status(parent)).toBe('queued');
  });
});
