import { type Dispatchable, FairShares, type DequeueRequest } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('the backlog', () => {
  let life: TaskLife;

  beforeEach(async () => {
    life = await TaskLife.start();
  });

  afterEach(() => life.stop());

  const allDue = (): Promise<unknown> => life.server.query('update task_queue set due_at = now()');

  const take = async (request: Partial<DequeueRequest> = {}): Promise<readonly Dispatchable[]> => {
    const lane = { agent: 'dash', priority: 'medium' } as const;
    return (await life.backlog.take(lane, { limit: 10, shares: new FairShares().snapshot, ...request })).rows;
  };

  it('gives each row to one of several routers', async () => {
    for (let n = 0; n < 40; n += 1) await life.submit();
    await allDue();
    const taken = await Promise.all(Array.from({ length: 4 }, () => take({ limit: 40 })));
    expect(taken.flat()).toHaveLength(40);
    expect(new Set(taken.flat().map(({ task_id }) => task_id)).size).toBe(40);
  });

  it('leaves alone what was dispatched a moment ago', async () => {
    await life.submit();
    expect(await take()).toEqual([]);
  });

  it('takes rows that were skipped, at once, and once', async () => {
    const taskId = await life.submit();
    expect(await take({ skippedFrom: taskId })).toMatchObject([{ task_id: taskId }]);
    expect(await take({ skippedFrom: taskId })).toEqual([]);
  });

  it('knows which agents and priorities have work, without counting it', async () => {
    expect(await life.backlog.waiting()).toEqual([]);
    await life.submit({ priority: 'high' });
    await life.submit({ priority: 'low' });
    await life.submit({ priority: 'low' });
    await life.submit({ agent: 'maya' });
    expect(await life.backlog.waiting()).toEqual([
      { agent: 'dash', priority: 'low' },
      { agent: 'dash', priority: 'high' },
      { agent: 'maya', priority: 'medium' },
    ]);
  });

  it('counts what waits by agent and priority', async () => {
    await life.submit({ priority: 'high' });
    await life.submit({ priority: 'low' });
    await life.submit({ priority: 'low' });
    expect(await life.backlog.depths()).toEqual(
      expect.arrayContaining([
        { agent: 'dash', priority: 'high', tasks: 1 },
        { agent: 'dash', priority: 'low', tasks: 2 },
      ]),
    );
  });
});
