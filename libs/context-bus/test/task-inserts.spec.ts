import type { Accepted, NewTask } from '../src/index.js';
import { newTask, TaskLife } from './task-life.js';

const someHash = 'ab'.repeat(32);
const otherHash = 'cd'.repeat(32);

describe('the rows of new tasks', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  const count = async (): Promise<number> => {
    const [row] = await life.server.query<{ n: number }>('select count(*)::int as n from task_queue');
    return row?.n ?? 0;
  };

  const accept = async (task: NewTask): Promise<Accepted> => {
    const [accepted] = await life.inserts.insertAll(life.tenantId, [task]);
    if (accepted === undefined) throw new Error('No answer');
    return accepted;
  };

  it('makes one task of a hundred submissions with the same key and body', async () => {
    const before = await count();
    const task = newTask({ idempotency: { key: 'order-1', bodyHash: someHash } });
    const accepted = await Promise.all(Array.from({ length: 100 }, () => accept(task)));
    expect(new Set(accepted.map(({ taskId }) => taskId)).size).toBe(1);
    expect(accepted.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(await count()).toBe(before + 1);
  });

  it('tells a conflict when the same key comes with another body', async () => {
    await life.submit({ idempotency: { key: 'order-2', bodyHash: someHash } });
    const second = await accept(newTask({ idempotency: { key: 'order-2', bodyHash: otherHash } }));
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

  it('schedules a task for later and gives it its deadline from then', async () => {
    const runAt = new Date(Date.now() + 3_600_000);
    const taskId = await life.submit({ run_at: runAt.toISOString(), deadline_s: 60 });
    const task = await life.reads.find(life.tenantId, taskId);
    expect(task?.status).toBe('scheduled');
    expect(task?.deadlineAt?.getTime()).toBe(runAt.getTime() + 60_000);
  });
});
