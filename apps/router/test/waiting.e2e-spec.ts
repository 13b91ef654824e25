import { type Claim, TaskClaims, TaskResults } from '@pulser/context-bus';
import { eventually } from '@pulser/testing';

import { newTask, RouterUnderTest } from './router-under-test.js';

describe('routers and tasks that wait', () => {
  let under: RouterUnderTest;
  let results: TaskResults;
  let claims: TaskClaims;

  beforeAll(async () => {
    under = await RouterUnderTest.start(2);
    results = new TaskResults(under.database);
    claims = new TaskClaims(under.database, { agent: 'dash', worker: 'dash-1', leaseMs: 30_000 });
  });

  afterAll(() => under.stop());

  const claimed = async (taskId: string): Promise<Claim> => {
    const claim = await claims.claim({ tenantId: under.tenantId, taskId, dispatchId: 1, wantsPayload: false });
    if (claim === undefined) throw new Error('The claim was lost');
    return claim;
  };

  const running = async (): Promise<Claim> => {
    const [taskId = ''] = await under.submit([newTask()], { announced: false });
    return claimed(taskId);
  };

  const status = async (taskId: string) => (await under.reads.find(under.tenantId, taskId))?.status;

  const dispatched = (taskId: string): Promise<void> =>
    eventually(async () => {
      expect((await under.dispatches('dash')).map(({ task_id }) => task_id)).toContain(taskId);
    });

  it('dispatch a task whose time has come, and one whose last child ended unnoticed', async () => {
    const timed = await running();
    const until = new Date(Date.now() + 300).toISOString();
    await results.suspend(timed, { timeLimitMs: 0, wait: { key: 'a', kind: 'time', until, onLimit: 'fail' } });
    await dispatched(timed.taskId);

    const parent = await running();
    const [child = ''] = await under.submit([newTask({ parent_id: parent.taskId })], { announced: false });
    const wait = { key: 'all', kind: 'children', refs: [child], onLimit: 'fail' } as const;
    await results.suspend(parent, { timeLimitMs: 60_000, wait });
    await under.server.query('update task_join set remaining = 0 where task_id = $1', [parent.taskId]);
    await dispatched(parent.taskId);
  });

  it('fail a task whose wait takes too long, and cancel its children, however many', async () => {
    const parent = await running();
    const children = Array.from({ length: 600 }, () => newTask({ parent_id: parent.taskId }));
    await under.submit(children, { announced: false });
    await results.suspend(parent, { timeLimitMs: 1 });
    await eventually(async () => {
      expect(await status(parent.taskId)).toBe('failed');
      const [row] = await under.server.query<{ open: number }>(
        'select count(*)::int as open from task_queue where parent_id = $1 and completed_at is null',
        [parent.taskId],
      );
      expect(row?.open).toBe(0);
    });
  });

  it('let so many tasks of a key start as it says, one after the other', async () => {
    const concurrency = { key: 'customer-7', limit: 1 };
    const order = { body: { task_type: 'analytics', payload: {}, concurrency }, headers: under.headers };
    for (let n = 0; n < 3; n += 1) await under.order(order);
    const keyed = `select task_id as id from task_queue where concurrency_key = 'customer-7' and completed_at is null`;
    await eventually(async () => {
      expect(await under.server.query(keyed)).toHaveLength(3);
    });
    for (let left = 3; left > 0; left -= 1) {
      const held = await eventually(async () => {
        const rows = await under.server.query<{ id: string }>(`${keyed} and holds_key`);
        expect(rows).toHaveLength(1);
        return rows[0]?.id ?? '';
      });
      await dispatched(held);
      await results.complete(await claimed(held), {});
    }
  });
});
