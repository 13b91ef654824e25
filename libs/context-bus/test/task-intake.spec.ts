import { newTask, TaskLife } from './task-life.js';

const someHash = 'ab'.repeat(32);
const otherHash = 'cd'.repeat(32);

describe('the intake', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  const count = async (): Promise<number> => {
    const [row] = await life.server.query<{ n: number }>('select count(*)::int as n from task_queue');
    return row?.n ?? 0;
  };

  it('answers every one of many concurrent submissions with its own task', async () => {
    const accepted = await Promise.all(
      Array.from({ length: 500 }, (_, n) => life.intake.accept(life.tenantId, newTask({ payload: { n } }))),
    );
    expect(new Set(accepted.map(({ taskId }) => taskId)).size).toBe(500);
    const last = accepted[499];
    const task = await life.reads.find(life.tenantId, last?.taskId ?? '');
    expect(task?.payload).toEqual({ n: 499 });
  });

  it('makes one task of a hundred submissions with the same key and body', async () => {
    const before = await count();
    const task = newTask({ idempotency: { key: 'order-1', bodyHash: someHash } });
    const accepted = await Promise.all(Array.from({ length: 100 }, () => life.intake.accept(life.tenantId, task)));
    expect(new Set(accepted.map(({ taskId }) => taskId)).size).toBe(1);
    expect(accepted.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(await count()).toBe(before + 1);
  });

  it('tells a conflict when the same key comes with another body', async () => {
    await life.submit({ idempotency: { key: 'order-2', bodyHash: someHash } });
    const second = await life.intake.accept(
      life.tenantId,
      newTask({ idempotency: { key: 'order-2', bodyHash: otherHash } }),
    );
    expect(second.kind).toBe('conflict');
  });

  it('lets two tenants use the same key', async () => {
    const other = await life.tenants.ensure('other');
    const idempotency = { key: 'order-3', bodyHash: someHash };
    const first = await life.submit({ idempotency });
    const second = await life.submit({ idempotency }, other);
    expect(second).not.toBe(first);
  });

  it('lets an expired key be used again', async () => {
    const idempotency = { key: 'order-4', bodyHash: someHash };
    const first = await life.submit({ idempotency });
    await life.server.query(`update idempotency_key set expires_at = now() where key = 'order-4'`);
    expect(await life.submit({ idempotency })).not.toBe(first);
  });

  it('does not fail the neighbours of a task that the database refuses', async () => {
    const bad = life.intake.accept(life.tenantId, newTask({ payload: { text: '\u0000' } }));
    const good = Array.from({ length: 20 }, () => life.intake.accept(life.tenantId, newTask()));
    await expect(bad).rejects.toThrow();
    expect((await Promise.all(good)).every(({ kind }) => kind === 'created')).toBe(true);
  });

  it('tells of the tasks that one statement created, once, and of no others', async () => {
    const told: (readonly { taskId: string }[])[] = [];
    life.intake.onCreated((tenantId, created) => {
      if (tenantId === life.tenantId) told.push(created);
    });
    const idempotency = { key: 'order-5', bodyHash: someHash };
    const tasks = [newTask(), newTask({ idempotency }), newTask({ payload: { n: 3 } })];
    const accepted = await life.intake.insertAll(life.tenantId, tasks);
    await life.submit({ idempotency });

    expect(told).toEqual([accepted.map(({ taskId }, n) => ({ taskId, status: 'queued', task: tasks[n] }))]);
  });

  it('schedules a task for later and gives it its deadline from then', async () => {
    const runAt = new Date(Date.now() + 3_600_000);
    const taskId = await life.submit({ run_at: runAt.toISOString(), deadline_s: 60 });
    const task = await life.reads.find(life.tenantId, taskId);
    expect(task?.status).toBe('scheduled');
    expect(task?.deadlineAt?.getTime()).toBe(runAt.getTime() + 60_000);
  });
});
