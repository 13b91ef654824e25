import { type Database, type Statement } from '@pulser/database';

import {
  AgentWaits,
  DeadLetterCauses,
  DeadLetterCounts,
  FairShares,
  Folds,
  TaskBacklog,
  TaskReads,
  TaskSweep,
  WaitingTasks,
} from '../src/index.js';
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

  async query(wanted: Statement, values: readonly unknown[] = []): Promise<[]> {
    return this.keep(await this.database.query<Explained>(explaining(wanted), values));
  }

  async queryAs(tenantId: string, wanted: Statement, values: readonly unknown[] = []): Promise<[]> {
    return this.keep(await this.database.queryAs<Explained>(tenantId, explaining(wanted), values));
  }

  private keep([row]: readonly Explained[]): [] {
    const plan = row?.['QUERY PLAN'][0]?.Plan;
    if (plan === undefined) throw new Error('There is no plan');
    this.plans.push(plan);
    return [];
  }
}

const explaining = ({ name, text }: Statement): Statement => ({
  name: `explain.${name}`,
  text: `explain (analyze, buffers, format json) ${text}`,
});

const blocksOf = (plans: readonly Node[]): number =>
  plans.reduce((sum, plan) => sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], 0);

describe('a look for tasks whose time has come', () => {
  let life: TaskLife;
  let fewCounted = 0;

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

  const addLetters = (rows: number): Promise<unknown> =>
    life.server.query(
      `insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
       select $1, pulser.new_id(), 'analytics', 'dash', 'handler_failed', jsonb_build_object('message', 'no ' || n % 3)
       from generate_series(1, $2::int) n`,
      [life.tenantId, rows],
    );

  /** Everything that counts tasks and dead letters, and a fold of what one statement did. @returns the plans */
  const count = async (): Promise<Node[]> => {
    const folds = new Folds(life.database);
    while ((await folds.foldTasks(1_000)) + (await folds.foldDeadLetters(1_000)) > 0);
    await folds.raise('minute', 1_000);
    await life.server.query(
      'vacuum analyze task_delta, dead_letter_delta, task_count, dead_letter_count, dead_letter, agent_rollup',
    );
    await life.submit();
    const explaining = new Explaining(life.database);
    const database = explaining as unknown as Database;
    await new TaskReads(database).open(life.tenantId);
    await new TaskBacklog(database).depths();
    await new AgentWaits(database).all();
    // Without a row of the answer, which is the plan.
    await new WaitingTasks(database).of(life.tenantId, 10).catch(() => undefined);
    await new DeadLetterCounts(database).open();
    await new DeadLetterCauses(database).list(life.tenantId, { state: 'open' }, 50);
    await new Folds(database).foldTasks(1_000);
    await new Folds(database).dropOld({ minutesForHours: 48, hoursForDays: 60, daysForDays: 730 }, 1_000);
    return explaining.plans;
  };

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
    await addLetters(100);
    const few = blocksOf(await look());
    fewCounted = blocksOf(await count());
    await fill(999_000);
    const plans = await look();

    // One more level or two of each index; a scan of the rows would be tens of thousands of blocks.
    expect(blocksOf(plans)).toBeLessThan(3 * few + 100);
  }, 360_000);

  it('and so do all counts of them, and of dead letters', async () => {
    await addLetters(20_000);
    const plans = await count();
    expect(plans).toHaveLength(8);
    expect(blocksOf(plans)).toBeLessThan(2 * fewCounted + 100);
  }, 360_000);
});
