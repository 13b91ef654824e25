import { type Database, type Statement } from '@pulser/database';

import { FairShares, TaskBacklog, TaskSweep } from '../src/index.js';
import { TaskLife } from './task-life.js';

interface Node {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

interface Explained extends Record<string, unknown> {
  readonly 'QUERY PLAN': readonly { readonly Plan: Node }[];
}

/** Runs every statement under EXPLAIN, and answers with no rows. */
class Explaining {
  readonly plans: Node[] = [];

  constructor(private readonly database: Database) {}

  async query({ name, text }: Statement, values: readonly unknown[] = []): Promise<[]> {
    const explain = { name: `explain.${name}`, text: `explain (analyze, buffers, format json) ${text}` };
    const [row] = await this.database.query<Explained>(explain, values);
    const plan = row?.['QUERY PLAN'][0]?.Plan;
    if (plan === undefined) throw new Error('There is no plan');
    this.plans.push(plan);
    return [];
  }
}

const blocksOf = (plans: readonly Node[]): number =>
  plans.reduce((sum, plan) => sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], 0);

describe('a look for tasks whose time has come', () => {
  let life: TaskLife;

  beforeAll(async () => {
    life = await TaskLife.start();
  });

  afterAll(() => life.stop());

  const fill = (rows: number): Promise<unknown> =>
    life.server.query(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at)
       select $1, 'analytics', 'dash', '{}', now() from generate_series(1, $2::int)`,
      [life.tenantId, rows],
    );

  /** Everything that a router asks twice a second. @returns the plans */
  const look = async (): Promise<Node[]> => {
    await life.server.query('vacuum analyze task_queue');
    const explaining = new Explaining(life.database);
    const [sweep, backlog] = [TaskSweep, TaskBacklog].map((Store) => new Store(explaining as unknown as Database));
    if (!(sweep instanceof TaskSweep) || !(backlog instanceof TaskBacklog)) throw new Error('No stores');
    await sweep.promoteScheduled(500);
    await sweep.rescueStuck(500);
    await sweep.failOverdue(500);
    await backlog.waiting();
    const shares = new FairShares().snapshot;
    await backlog.take({ agent: 'dash', priority: 'medium' }, { limit: 500, shares });
    await backlog.take({ agent: 'maya', priority: 'medium' }, { limit: 500, shares });
    await backlog.dequeueAged('dash', 60, { limit: 500, shares });
    return explaining.plans;
  };

  it('costs the same with 1,000,000 rows that wait as with 1,000', async () => {
    await fill(1_000);
    const few = blocksOf(await look());
    await fill(999_000);
    const plans = await look();

    // One more level or two of each index; a scan of the rows would be tens of thousands of blocks.
    expect(blocksOf(plans)).toBeLessThan(3 * few + 100);
  }, 180_000);
});
