import { AgentWaits, Pauses, systemActor } from '../src/index.js';
import { TaskLife } from './task-life.js';

describe('what waits for each agent', () => {
  let life: TaskLife;
  let waits: AgentWaits;

  beforeEach(async () => {
    life = await TaskLife.start();
    waits = new AgentWaits(life.database);
  });

  afterEach(() => life.stop());

  const age = (taskId: string, seconds: number): Promise<unknown> =>
    life.server.query(`update task_queue set created_at = now() - $2::int * interval '1 s' where task_id = $1`, [
      taskId,
      seconds,
    ]);

  const of = async (agent: string) => (await waits.all()).find((wait) => wait.agent === agent);

  it('is nothing at first', async () => {
    expect(await waits.all()).toEqual([]);
  });

  it('is counted, with how long the oldest has waited, whatever its priority', async () => {
    await age(await life.submit({ priority: 'low' }), 90);
    await age(await life.submit({ priority: 'high' }), 20);
    await life.submit({ agent: 'maya' });
    const dash = await of('dash');
    expect(dash).toMatchObject({ agent: 'dash', tasks: 2 });
    expect(dash?.oldestS).toBeGreaterThanOrEqual(90);
    expect(dash?.oldestS).toBeLessThan(100);
    expect((await of('maya'))?.oldestS).toBeLessThan(10);
  });

  it('has waited since its wanted start, a repeated attempt since the end of its back-off, a woken task since then', async () => {
    const scheduled = await life.submit();
    await age(scheduled, 3_600);
    await life.server.query(`update task_queue set run_at = now() - interval '5 s' where task_id = $1`, [scheduled]);
    const repeated = await life.submit();
    await age(repeated, 3_600);
    await life.server.query('update task_queue set attempts = 1 where task_id = $1', [repeated]);
    const woken = await life.submit();
    await age(woken, 3_600);
    await life.server.query('update task_queue set epoch = 2 where task_id = $1', [woken]);
    const oldest = (await of('dash'))?.oldestS ?? 0;
    expect(oldest).toBeGreaterThanOrEqual(5);
    expect(oldest).toBeLessThan(60);
  });

  it('is not what is paused, for the tenant or for all', async () => {
    await age(await life.submit(), 90);
    const pauses = new Pauses(life.database);
    await pauses.pause(life.tenantId, systemActor('test'), { agent: 'dash' });
    expect(await waits.all()).toEqual([]);
  });
});
