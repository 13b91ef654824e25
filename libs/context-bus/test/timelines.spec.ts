import type { Database, Statement } from '@pulser/database';
import { quantile, sketchOf } from '@pulser/sketch';

import { type BucketQuery, Folds, Timelines } from '../src/index.js';
import { newTask, TaskLife } from './task-life.js';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Node[];
}

interface Explained extends Record<string, unknown> {
  readonly 'QUERY PLAN': readonly { readonly Plan: Node }[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Rows that scans of tables read, kept or not. */
const rowsRead = (plan: Node): number =>
  nodesOf(plan)
    .filter((node) => node['Relation Name'] !== undefined)
    .reduce((sum, node) => {
      const rows = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0);
      return sum + (rows + (node['Rows Removed by Index Recheck'] ?? 0)) * (node['Actual Loops'] ?? 0);
    }, 0);

/** Runs every statement under EXPLAIN, and answers with no rows. */
class Explaining {
  readonly plans: Node[] = [];

  constructor(private readonly database: Database) {}

  async queryAs(tenantId: string, { name, text }: Statement, values: readonly unknown[] = []): Promise<object[]> {
    const explain = { name: `explain.${name}`, text: `explain (analyze, buffers, format json) ${text}` };
    const [row] = await this.database.queryAs<Explained>(tenantId, explain, values);
    const plan = row?.['QUERY PLAN'][0]?.Plan;
    if (plan === undefined) throw new Error('There is no plan');
    this.plans.push(plan);
    return this.database.queryAs(tenantId, { name, text }, values);
  }
}

const hourS = 3_600;
const at = (text: string): number => Date.parse(`2026-11-29T${text}:00Z`) / 1_000;

const query = (more: Partial<BucketQuery> = {}): BucketQuery => ({
  ...{ level: 'minute', fromS: at('10:00'), toS: at('11:00'), stepS: 900, maxSeries: 50, only: {} },
  by: { agent: false, taskType: false, operation: false },
  ...more,
});
const by = (...names: readonly ('agent' | 'taskType' | 'operation')[]): BucketQuery['by'] => ({
  agent: names.includes('agent'),
  taskType: names.includes('taskType'),
  operation: names.includes('operation'),
});

describe('timelines', () => {
  let life: TaskLife;
  let timelines: Timelines;
  let tenantId: string;

  beforeAll(async () => {
    life = await TaskLife.start();
    timelines = new Timelines(life.database);
  });

  afterAll(() => life.stop());

  beforeEach(async () => {
    tenantId = await life.tenants.ensure(`tenant-${crypto.randomUUID()}`);
  });

  /** A row of a rollup with tasks that ran so many ms. */
  const add = async (
    minute: string,
    agent: string,
    operation: string,
    runs: readonly number[],
    { failed = 0, level = 'minute' } = {},
  ): Promise<void> => {
    const { buckets, counts } = sketchOf(runs);
    const sum = runs.reduce((all, ms) => all + ms, 0);
    await life.server.query(
      `insert into agent_rollup (tenant_id, level, at, agent_name, task_type, operation, submitted, completed, failed,
         wait_buckets, wait_counts, run_buckets, run_counts, wait_ms, run_ms)
       values ($1, $2, to_timestamp($3), $4, 'analytics', $5, $6, $7, $8, $9, $10, $9, $10, $11, $11)`,
      [tenantId, level, at(minute), agent, operation, runs.length + failed, runs.length, failed, buckets, counts, sum],
    );
  };

  it('count what real tasks did, at once and at every level', async () => {
    const own = (task = {}) => life.submit(task, tenantId);
    const claim = (taskId: string) =>
      life.claims.claim({ tenantId, taskId, dispatchId: 1, wantsPayload: false }).then((claimed) => {
        if (claimed === undefined) throw new Error('The claim was lost');
        return claimed;
      });
    await own();
    await life.results.complete(await claim(await own()), {});
    await life.results.fail(await claim(await own(newTask({ payload: { operation: 'report' } }))), {
      ...{ code: 'handler_failed', message: 'no', permanent: true },
    });
    const { nowS } = await timelines.present(tenantId);
    const day = Math.floor(nowS / 86_400) * 86_400;
    for (const level of ['minute', 'hour', 'day'] as const) {
      const whole = { level, fromS: day, toS: day + 86_400, stepS: 86_400 };
      const [all] = await timelines.counts(tenantId, query(whole));
      expect(all).toMatchObject({ submitted: [3], started: [2], completed: [1], failed: [1], cancelled: [0] });
      const [durations] = await timelines.durations(tenantId, query(whole));
      expect(durations?.completed).toEqual([1]);
      expect(durations?.run[0]?.[1]).toEqual(durations?.totalRun[1]);
      // The bucket of the only run, whose exact length the sum has.
      const exact = durations?.runMs[0] ?? NaN;
      expect(Math.abs((durations?.totalRun[1] ?? NaN) - exact)).toBeLessThanOrEqual(0.0101 * Math.max(exact, 0.01));
      const operations = await timelines.counts(tenantId, query({ ...whole, by: by('operation') }));
      expect(operations.map(({ operation, submitted }) => [operation, ...submitted])).toEqual([
        ['query', 2],
        ['report', 1],
      ]);
      const { counts, changes } = await timelines.open(tenantId, query(whole));
      const waiting = { agent: 'dash', taskType: 'analytics', priority: 'medium', status: 'queued', tasks: 1 };
      expect([counts, changes]).toEqual([[waiting], [{ taskType: '', bucket: 0, change: 1 }]]);
    }
  });

  it('add minutes up to steps, and give the quantiles of all that is in them', async () => {
    await add('10:00', 'dash', 'query', [10, 20, 30]);
    await add('10:14', 'dash', 'query', [1_000]);
    await add('10:14', 'maya', 'text', [5]);
    await add('10:45', 'dash', 'report', [70, 80]);
    await add('11:00', 'dash', 'query', [9_999]);
    const [dash, maya, ...none] = await timelines.durations(tenantId, query({ by: by('agent') }));
    const exactly = (runs: readonly number[], q: number): number => quantile(sketchOf(runs), q) ?? NaN;
    const near = (runs: readonly number[]) =>
      [0.5, 0.95, 0.99].map((q) => expect.closeTo(exactly(runs, q), 6) as number);
    expect(none).toEqual([]);
    expect(dash).toMatchObject({
      ...{ agent: 'dash', taskType: '', operation: '', series: 2, buckets: [0, 3], completed: [4, 2] },
      ...{ runMs: [1_060, 150], run: [near([10, 20, 30, 1_000]), near([70, 80])] },
      totalRun: near([10, 20, 30, 1_000, 70, 80]),
    });
    expect(maya).toMatchObject({ agent: 'maya', buckets: [0], completed: [1], totalWait: near([5]) });
  });

  it('tell by two things, and of some tasks alone', async () => {
    await add('10:00', 'dash', 'query', [1, 1, 1]);
    await add('10:00', 'dash', 'report', [1, 1]);
    await add('10:00', 'maya', 'query', [1]);
    const told = async (more: Partial<BucketQuery>): Promise<string[]> =>
      (await timelines.counts(tenantId, query(more))).map(({ agent, operation, completed }) =>
        [agent, operation, ...completed].join(' '),
      );
    expect(await told({ by: by('agent', 'operation') })).toEqual(['dash query 3', 'dash report 2', 'maya query 1']);
    expect(await told({ by: by('operation'), only: { agent: 'dash' } })).toEqual([' query 3', ' report 2']);
    expect(await told({ only: { operation: 'query' } })).toEqual(['  4']);
    expect(await told({ only: { taskType: 'testing' } })).toEqual([]);
  });

  it('have the largest series, and say how many there are', async () => {
    await add('10:00', 'dash', 'small', [1]);
    await add('10:01', 'dash', 'large', [1, 1]);
    await add('10:02', 'dash', 'failing', [], { failed: 3 });
    const largest = await timelines.counts(tenantId, query({ by: by('operation'), maxSeries: 2 }));
    expect(largest.map(({ operation, series }) => [operation, series])).toEqual([
      ['failing', 3],
      ['large', 3],
    ]);
    const slow = await timelines.durations(tenantId, query({ by: by('operation'), maxSeries: 2 }));
    expect(slow.map(({ operation }) => operation)).toEqual(['failing', 'large']);
    expect(slow[0]).toMatchObject({ completed: [0], run: [[null, null, null]], totalRun: [null, null, null] });
  });

  it('have nothing of another tenant', async () => {
    await add('10:00', 'dash', 'query', [1]);
    const stranger = await life.tenants.ensure(`tenant-${crypto.randomUUID()}`);
    expect(await timelines.counts(stranger, query())).toEqual([]);
    expect(await timelines.durations(stranger, query())).toEqual([]);
    expect(await timelines.open(stranger, query())).toEqual({ counts: [], changes: [] });
  });

  it('know since when each level has every task', async () => {
    await add('08:00', 'dash', 'query', [1], { level: 'hour' });
    await add('10:00', 'dash', 'query', [1]);
    const { nowS, knownFromS } = await timelines.present(tenantId);
    expect(knownFromS).toEqual({ minute: at('09:00'), hour: -Infinity, day: -Infinity });
    expect(Math.abs(nowS - Date.now() / 1_000)).toBeLessThan(60);
  });

  it('stay the same while minutes become hours and days, and know what was deleted', async () => {
    const { nowS } = await timelines.present(tenantId);
    const hourOf = (s: number): number => Math.floor(s / hourS) * hourS;
    for (const hours of [50, 30, 5, 0])
      await life.server.query(
        `insert into agent_rollup (tenant_id, level, at, agent_name, task_type, operation, submitted, completed, run_buckets,
           run_counts, wait_buckets, wait_counts)
         select $1, 'minute', date_trunc('minute', to_timestamp($2)), 'dash', 'analytics', 'query', 3, 1, '{100}', '{1}', '{0}', '{1}'`,
        [tenantId, nowS - hours * hourS - 180],
      );
    const whole = { level: 'hour', fromS: hourOf(nowS) - 60 * hourS, toS: hourOf(nowS) + hourS, stepS: hourS } as const;
    const read = () =>
      Promise.all([timelines.counts(tenantId, query(whole)), timelines.durations(tenantId, query(whole))]);
    const before = await read();
    expect(before[0][0]?.submitted).toEqual([3, 3, 3, 3]);

    const folds = new Folds(life.database);
    await folds.raise('minute', 1_000);
    expect(await read()).toEqual(before);
    await folds.raise('hour', 1_000);
    expect(await read()).toEqual(before);
    expect((await timelines.present(tenantId)).knownFromS.minute).toBe(-Infinity);

    await folds.dropOld({ minutesForHours: 2, hoursForDays: 2, daysForDays: 10 }, 1_000);
    const kept = await timelines.present(tenantId);
    expect(kept.knownFromS.minute).toBe(hourOf(nowS - 5 * hourS - 180) + hourS);
    expect(kept.knownFromS.hour).toBeGreaterThan(hourOf(nowS - 50 * hourS - 180));
    expect(kept.knownFromS.hour).toBeLessThanOrEqual(hourOf(nowS - 30 * hourS - 180) + 24 * hourS);
    const days = { level: 'day', fromS: whole.fromS - (whole.fromS % 86_400), toS: whole.toS + 86_400 } as const;
    const [all] = await timelines.counts(tenantId, query({ ...days, stepS: 86_400 }));
    expect(all?.submitted.reduce((sum, one) => sum + one, 0)).toBe(12);
  });

  it('read no more rows of 100,000 tasks than of 100', async () => {
    const busy = await life.tenants.ensure('busy');
    // What is not folded is a delta for each minute of a statement.
    const fill = async (tasks: number): Promise<void> => {
      await life.server.query('delete from task_delta');
      await life.server.query(
        `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at, created_at)
         select $1, 'analytics', 'dash', '{}', now(), now() - n % 30 * interval '1 minute' from generate_series(1, $2::int) n`,
        [busy, tasks],
      );
    };
    const cost = async () => {
      await life.server.query('vacuum analyze task_queue, task_delta, agent_rollup, task_count');
      const explaining = new Explaining(life.database);
      const store = new Timelines(explaining as unknown as Database);
      const { nowS } = await store.present(busy);
      const toS = Math.ceil(nowS / 60) * 60;
      const hour = query({ fromS: toS - hourS, toS, stepS: 60, by: by('agent', 'operation') });
      const [counts] = await store.counts(busy, hour);
      await store.durations(busy, hour);
      await store.open(busy, hour);
      const tasks = counts?.submitted.reduce((sum, one) => sum + one, 0);
      const relations = explaining.plans.flatMap(nodesOf).map((node) => node['Relation Name'] ?? '');
      return { tasks, rows: explaining.plans.map(rowsRead), relations };
    };
    await fill(100);
    const few = await cost();
    await fill(99_900);
    const many = await cost();
    expect([few.tasks, many.tasks]).toEqual([100, 99_900]);
    expect(many.rows).toEqual(few.rows);
    expect(many.relations.filter((name) => name.startsWith('task_queue'))).toEqual([]);
  });
});
