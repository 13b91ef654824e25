import { FairShares, type Batch } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('a task that waits behind others for too long', () => {
  let life: TaskLife;

  beforeEach(async () => {
    life = await TaskLife.start();
  });

  afterEach(() => life.stop());

  /** Seconds count from here. */
  const age = (taskId: string, seconds: number): Promise<unknown> =>
    life.server.query(
      `update task_queue set created_at = now() - $2 * interval '1 s',
         task_id = pulser.id_floor(now() - $2 * interval '1 s') where task_id = $1`,
      [taskId, seconds],
    );

  const dequeueAged = (limit = 10): Promise<Batch> =>
    life.backlog.dequeueAged('dash', 60, { limit, shares: new FairShares().snapshot });

  it('is boosted once', async () => {
    await age(await life.submit({ priority: 'low' }), 61);
    expect((await dequeueAged()).rows).toMatchObject([{ priority: 'low', boosted: true }]);
    expect((await dequeueAged()).rows).toEqual([]);
  });

  it('is sent again with its new rank when its message was lost', async () => {
    await age(await life.submit({ priority: 'medium' }), 61);
    await dequeueAged();
    await life.server.query('update task_queue set due_at = now()');
    expect((await dequeueAged()).rows).toMatchObject([{ boosted: true }]);
  });

  it('is not one that is young, has the highest priority or was to start later', async () => {
    await life.submit({ priority: 'low' });
    await age(await life.submit({ priority: 'high' }), 61);
    const later = await life.submit({ priority: 'low' });
    await life.server.query(`update task_queue set run_at = now() where task_id = $1`, [later]);
    await age(later, 61);
    expect((await dequeueAged()).rows).toEqual([]);
  });

  it('comes before those that have waited less', async () => {
    for (const seconds of [70, 90, 80]) await age(await life.submit({ priority: 'low' }), seconds);
    const { rows } = await dequeueAged(2);
    const ages = rows.map(({ task_id }) => task_id).sort();
    expect(rows.map(({ task_id }) => task_id)).toEqual(ages);
    expect(rows).toHaveLength(2);
  });
});
