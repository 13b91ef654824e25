import type { Database, Statement } from '@pulser/database';

import { FinishedTasks } from '../src/index.js';
import { TaskLife } from './task-life.js';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

interface Explained extends Record<string, unknown> {
  readonly 'QUERY PLAN': readonly { readonly Plan: Node }[];
}

const scansOfTasks = (node: Node): Node[] => [
  ...(node['Relation Name']?.startsWith('task_queue') === true ? [node] : []),
  ...(node.Plans ?? []).flatMap(scansOfTasks),
];

const readBy = (scans: readonly Node[]): number =>
  scans.reduce(
    (sum, scan) =>
      sum + ((scan['Actual Rows'] ?? 0) + (scan['Rows Removed by Filter'] ?? 0)) * (scan['Actual Loops'] ?? 0),
    0,
  );

/** Looks at the plan of each statement before it runs it. */
class Explaining {
  readonly scans: Node[] = [];
  readonly generic: Node[] = [];

  constructor(
    private readonly life: TaskLife,
    private readonly database: Database,
  ) {}

  async queryAs(tenantId: string, wanted: Statement, values: readonly unknown[]): Promise<object[]> {
    const explain = { name: `explain.${wanted.name}`, text: `explain (analyze, format json) ${wanted.text}` };
    const [row] = await this.database.queryAs<Explained>(tenantId, explain, values);
    this.scans.push(...scansOfTasks(row?.['QUERY PLAN'][0]?.Plan ?? { 'Node Type': 'none' }));
    const [planned] = await this.life.server.query<Explained>(`explain (generic_plan, format json) ${wanted.text}`);
    this.generic.push(...scansOfTasks(planned?.['QUERY PLAN'][0]?.Plan ?? { 'Node Type': 'none' }));
    return this.database.queryAs(tenantId, wanted, values);
  }
}

describe('the tasks that a tenant has finished', () => {
  let life: TaskLife;
  let finished: FinishedTasks;

  beforeAll(async () => {
    life = await TaskLife.start();
    finished = new FinishedTasks(life.database);
    // Ten weeks in partitions of their own, as an installation that has run for so long has them.
    await life.server.query(
      `do $$ declare week timestamptz; begin
         for n in 1 .. 10 loop
           week := date_trunc('week', now(), 'UTC') - make_interval(weeks => n);
           execute format('create table if not exists task_queue_old%s partition of task_queue for values from (%L) to (%L)',
             n, pulser.id_floor(week), pulser.id_floor(week + interval '1 week'));
         end loop; end $$`,
    );
  });

  afterAll(() => life.stop());

  const tenant = (slug: string): Promise<string> => life.tenants.ensure(slug);

  /** `count` ended tasks, one every `everyS` seconds, the last one now. Every tenth has failed. */
  const fill = (tenantId: string, count: number, everyS: number): Promise<unknown> =>
    life.server.query(
      `insert into task_queue (task_id, tenant_id, task_type, assigned_agent, status, payload, created_at, started_at,
         completed_at, attempts, error)
       select overlay(pulser.new_id()::text placing left(pulser.id_floor(at)::text, 13) from 1 for 13)::uuid, $1,
         case when n % 50 = 0 then 'testing' else 'analytics' end, 'dash',
         case when n % 10 = 0 then 'failed' else 'completed' end::task_status,
         jsonb_build_object('operation', case when n % 3 = 0 then 'forecast' else 'query' end, 'n', n),
         at, at + interval '1 second', at + interval '3 seconds', 1,
         case when n % 10 = 0 then '{"code": "query_failed", "message": "x", "permanent": true}'::jsonb end
       from generate_series(0, $2::int - 1) n, lateral (select now() - n * $3::float8 * interval '1 second' as at) a`,
      [tenantId, count, everyS],
    );

  const allOf = async (
    tenantId: string,
    query: Parameters<FinishedTasks['page']>[1],
  ): Promise<{ ids: string[]; pages: number }> => {
    const ids: string[] = [];
    let pages = 0;
    for (let after: string | undefined; ;) {
      const page = await finished.page(tenantId, { ...query, ...(after !== undefined && { after }) });
      pages += 1;
      ids.push(...page.tasks.map(({ taskId }) => taskId));
      if (page.next === undefined) return { ids, pages };
      after = page.next;
    }
  };

  it('come with what they were, how they ended and how long they took', async () => {
    const tenantId = await tenant('facts');
    const [accepted] = await life.inserts.insertAll(tenantId, [
      {
        task_type: 'analytics',
        priority: 'high',
        agent: 'dash',
        payload: { operation: 'query', sql: 'select 1', password: 'hunter2' },
        max_attempts: 3,
        submitted_by: 'ada',
      },
    ]);
    const taskId = accepted?.taskId ?? '';
    const claim = async (): Promise<{ tenantId: string; taskId: string; epoch: number }> => {
      const made = await life.claims.claim({ tenantId, taskId, dispatchId: 1, wantsPayload: false });
      if (made === undefined) throw new Error('The claim was lost');
      return { tenantId, taskId, epoch: made.epoch };
    };
    expect((await finished.page(tenantId)).tasks).toEqual([]);
    await life.results.fail(await claim(), { code: 'source_unreachable', message: 'x', permanent: false }, 0);
    await life.sweep.promoteScheduled(10);
    await life.results.complete(await claim(), { rows: 1 });

    const { tasks, next } = await finished.page(tenantId);
    expect(next).toBeUndefined();
    expect(tasks).toEqual([
      {
        taskId,
        taskType: 'analytics',
        operation: 'query',
        status: 'completed',
        errorCode: null,
        earlierErrors: ['source_unreachable'],
        agent: 'dash',
        attempts: 2,
        priority: 'high',
        createdAt: expect.stringMatching(/^20\d\d-.*Z$/) as string,
        startedAt: expect.stringMatching(/^20\d\d-.*Z$/) as string,
        finishedAt: expect.stringMatching(/^20\d\d-.*Z$/) as string,
        waitMs: expect.any(Number) as number,
        runMs: expect.any(Number) as number,
        description: 'operation: query\nsql: select 1\npassword: (hidden)',
        parentId: null,
        replayOf: null,
        submitter: 'ada',
      },
    ]);
  });

  it('come page by page, each once, newest first, and no one else sees them', async () => {
    const [mine, other] = [await tenant('pages'), await tenant('other')];
    await fill(mine, 1_234, 60);
    const { ids, pages } = await allOf(mine, { limit: 100 });
    expect(ids).toHaveLength(1_234);
    expect(new Set(ids).size).toBe(1_234);
    expect([...ids].sort().reverse()).toEqual(ids);
    expect(pages).toBe(13);
    expect((await finished.page(other)).tasks).toEqual([]);
    // One page less a task ends exactly where the last one does.
    expect((await allOf(mine, { limit: 617 })).pages).toBe(2);
  });

  it('can be those of a type, an operation and the last days alone', async () => {
    const mine = await tenant('filters');
    await fill(mine, 1_000, 3_600);
    expect((await allOf(mine, { taskType: 'testing' })).ids).toHaveLength(20);
    expect((await allOf(mine, { operation: 'forecast' })).ids).toHaveLength(334);
    expect((await allOf(mine, { taskType: 'testing', operation: 'forecast' })).ids).toHaveLength(7);
    expect((await allOf(mine, { sinceDays: 10 })).ids).toHaveLength(240);
    expect((await allOf(mine, { taskType: 'documentation' })).ids).toEqual([]);
  });

  it('do not bring a large payload with them', async () => {
    const mine = await tenant('large');
    await life.server.query(
      `insert into task_queue (tenant_id, task_type, assigned_agent, status, payload, completed_at, due_at)
       select $1, 'analytics', 'dash', 'cancelled', jsonb_build_object('operation', 'query', 'sources',
         (select jsonb_agg(md5(n::text)) from generate_series(1, 20000) n)), now(), null`,
      [mine],
    );
    const { tasks } = await finished.page(mine);
    expect(tasks[0]).toMatchObject({ operation: 'query', status: 'cancelled', startedAt: null, runMs: null });
    expect(tasks[0]?.description).toMatch(/^operation: query\n\(large\): \d+ bytes stored\nsources: \(not read\)$/);
  });

  it.each([{ limit: 0 }, { limit: 1_001 }, { limit: 1.5 }, { sinceDays: 0 }, { sinceDays: NaN }, { after: "' or" }])(
    'are refused for %j',
    async (query) => {
      await expect(finished.page(life.tenantId, query)).rejects.toThrow(RangeError);
    },
  );

  it('cost at most 5,000 rows a page, by the primary key, however many there are and whatever is looked for', async () => {
    const mine = await tenant('many');
    await fill(mine, 60_000, 100);
    await fill(await tenant('noisy'), 60_000, 100);
    await life.server.query('vacuum analyze task_queue');
    const explaining = new Explaining(life, life.database);
    const watched = new FinishedTasks(explaining as unknown as Database);

    const rare = await watched.page(mine, { taskType: 'documentation' });
    expect(rare).toMatchObject({ tasks: [], scanned: 5_000, next: expect.any(String) as string });
    const partitions = 17;
    expect(readBy(explaining.scans)).toBeLessThanOrEqual(5_000 + 20 * partitions);
    await watched.page(mine, { sinceDays: 3, operation: 'forecast', limit: 100 });
    await watched.page(mine, { after: rare.next ?? '', limit: 1_000 });
    for (const scan of [...explaining.scans, ...explaining.generic]) {
      // A partition without rows may be read whole.
      if (scan['Actual Loops'] === 0 || scan['Node Type'] === 'Seq Scan') {
        expect(scan['Actual Rows'] ?? 0).toBe(0);
        continue;
      }
      expect(scan['Index Name']).toMatch(/_pkey$/);
    }
    expect(explaining.generic.map((scan) => scan['Node Type'])).not.toContain('Bitmap Heap Scan');
  }, 240_000);
});
