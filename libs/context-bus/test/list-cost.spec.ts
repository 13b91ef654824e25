// What pages read, and what it costs however many tasks there are. With LIST_FIGURES=1 there are a million.
import type { Database } from '@pulser/database';

import {
  AuditTrail,
  Datasets,
  DeadLetterCauses,
  type DeadLetterCriteria,
  DeadLetterReads,
  Folds,
  MemoryReads,
  type TaskFilter,
  TaskEventLog,
  TaskLists,
  TaskReads,
  TaskSpans,
  Timelines,
} from '../src/index.js';
import { Explaining } from './explaining.js';
import { TaskLife } from './task-life.js';

const [few, many] = process.env['LIST_FIGURES'] === '1' ? [10_000, 1_000_000] : [2_000, 40_000];

describe('what pages read', () => {
  let life: TaskLife;
  let tenantId: string;

  beforeAll(async () => {
    life = await TaskLife.start();
    // Ten weeks in partitions of their own, as an installation that has run for so long has them.
    await life.server.query(
      `do $$ declare week timestamptz; begin
         for n in 1 .. 10 loop
           week := date_trunc('week', now(), 'UTC') - make_interval(weeks => n);
           execute format('create table task_queue_old%s partition of task_queue for values from (%L) to (%L)',
             n, pulser.id_floor(week), pulser.id_floor(week + interval '1 week'));
           execute format('create table task_facet_old%s partition of task_facet for values from (%L) to (%L)',
             n, pulser.id_floor(week), pulser.id_floor(week + interval '1 week'));
         end loop; end $$`,
    );
    tenantId = await life.tenants.ensure('big');
  });

  afterAll(() => life.stop());

  const parent = '019a0000-0000-7000-8000-0000000000aa';

  /**
   * So many more tasks over seven weeks, in statements of up to 1,000 as clients send them. One in a thousand is rare in
   * everything that a list is filtered by, and a tenth waits.
   */
  const fill = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 100_000)
      await life.server.query(
        `insert into task_queue (task_id, tenant_id, task_type, assigned_agent, priority, status, payload, operation, submitted_by,
           labels, parent_id, created_at, epoch, due_at, completed_at, error)
         select overlay(pulser.new_id()::text placing left(pulser.id_floor(at)::text, 13) from 1 for 13)::uuid, $1,
           case when rare then 'testing' else 'analytics' end, case when rare then 'maya' else 'dash' end,
           case when rare then 'high' else 'medium' end::task_priority, status::task_status, '{}',
           case when rare then 'forecast' else 'query' end, case when rare then 'bob' else 'ada' end,
           jsonb_build_object('customer', case when rare then 'acme' else 'c' || n % 1000 end),
           case when rare then $4::uuid end, at, case when status in ('queued', 'scheduled') then 0 else 1 end,
           case when status not in ('completed', 'failed', 'cancelled') then now() + interval '1 hour' end,
           case when status in ('completed', 'failed', 'cancelled') then at end,
           case when status = 'failed' then '{"code": "query_failed", "message": "x", "permanent": true}'::jsonb end
         from generate_series($2::int, $2::int + least(100000, $3::int) - 1) n
         cross join lateral (select n % 1000 = 0 as rare, now() - random() * interval '49 days' as at,
           case when n % 10 = 1 then 'queued' when n % 1000 = 2 then 'running' when n % 1000 = 3 then 'retrying'
             when n % 1000 = 4 then 'scheduled' when n % 1000 = 5 then 'waiting' when n % 1000 in (0, 6) then 'failed'
             when n % 1000 = 7 then 'cancelled' else 'completed' end as status) s`,
        [tenantId, done, count, parent],
      );
    await life.server.query(
      `insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
       select tenant_id, task_id, task_type, assigned_agent, case when assigned_agent = 'maya' then 'rare_error' else 'query_failed' end, error
       from task_queue t where status = 'failed' and not exists (select from dead_letter d where d.task_id = t.task_id)`,
    );
    await life.server.query(
      `update task_queue set error = jsonb_set(error, '{code}', '"rare_error"') where status = 'failed' and assigned_agent = 'maya'`,
    );
    // Of tasks that are past their retention.
    await life.server.query(
      `insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
       select $1, pulser.new_id(), 'analytics', 'dash', 'query_failed', '{"message": "no table"}' from generate_series(1, $2::int / 10)`,
      [tenantId, count],
    );
    // What comes beside tasks comes in proportion to them.
    await life.server.query(
      `insert into agent_memory (tenant_id, memory_type, content, subject, content_hash)
       select $1, 'fact', 'n ' || n, 's' || n % 7, sha256(int4send(n + $3)) from generate_series(1, $2::int / 20) n`,
      [tenantId, count, total],
    );
    await life.server.query(
      `insert into dataset (tenant_id, name) select $1, 'd' || n + $3 from generate_series(1, $2::int / 100) n`,
      [tenantId, count, total],
    );
    await life.server.query(
      `select count(pulser.append_audit($1, row(null, null, null, null, 'task.changed', array['t' || n], 'done', null, null, null,
         null)::public.audit_entry)) from generate_series(1, $2::int / 20) n`,
      [tenantId, count],
    );
    total += count;
    const folds = new Folds(life.database);
    while ((await folds.foldTasks(50_000)) + (await folds.foldDeadLetters(50_000)) > 0);
    while ((await folds.raise('minute', 50_000)) > 0);
    while ((await folds.raise('hour', 50_000)) > 0);
    await life.server.query('vacuum analyze');
  };

  const queries: readonly (readonly [string, TaskFilter])[] = [
    ['no filter', {}],
    ...(['queued', 'running', 'retrying', 'scheduled', 'waiting', 'completed', 'failed', 'cancelled'] as const).map(
      (status) => [`status ${status}`, { status: [status] }] as const,
    ),
    ['several statuses', { status: ['failed', 'cancelled', 'running'] }],
    ['agent', { agent: 'maya' }],
    ['type', { task_type: 'testing' }],
    ['operation', { operation: 'forecast' }],
    ['priority', { priority: 'high' }],
    ['the usual priority', { priority: 'medium' }],
    ['submitter', { submitted_by: 'bob' }],
    ['label', { label: [{ key: 'customer', value: 'acme' }] }],
    ['error code', { error_code: 'rare_error' }],
    ['parent', { parent_id: parent }],
    ['time', { created_before: new Date(Date.now() - 20 * 86_400_000).toISOString() }],
    ['text of an operation', { q: 'fore' }],
    ['text of a label', { q: 'acm' }],
    ['text of an error', { q: 'rare_' }],
    ['agent and time', { agent: 'maya', created_before: new Date(Date.now() - 20 * 86_400_000).toISOString() }],
    ['agent, priority and operation', { agent: 'maya', priority: 'high', operation: 'forecast' }],
    ['what no task has', { agent: 'lexi' }],
  ];

  const limit = 20;
  let total = 0;

  const letters: readonly DeadLetterCriteria[] = [
    {},
    { state: 'open' },
    { state: 'discarded' },
    { agent: 'maya', state: 'open' },
    { agent: 'lexi' },
    { task_type: 'testing', state: 'open' },
    { reason: 'rare_error', state: 'open' },
    { reason: 'no_such_reason' },
    { created_before: new Date(Date.now() - 20 * 86_400_000).toISOString() },
  ];

  const hourS = 3_600;

  /** Everything else that pages ask for when they are opened, each as it is asked for. */
  const others = async (): Promise<readonly (readonly [string, (database: Database) => Promise<unknown>])[]> => {
    const [row] = await life.server.query(
      `select task_id as "taskId", (select dead_letter_id from dead_letter where tenant_id = $1 order by dead_letter_id limit 1)
         as "deadLetterId" from task_queue where tenant_id = $1 and status = 'failed' order by task_id limit 1`,
      [tenantId],
    );
    const { taskId, deadLetterId } = row as { taskId: string; deadLetterId: string };
    const nowS = Math.floor(Date.now() / 1_000 / hourS) * hourS;
    const days = {
      level: 'day',
      fromS: nowS - 30 * 24 * hourS,
      toS: nowS,
      stepS: 24 * hourS,
      only: {},
      maxSeries: 50,
    } as const;
    const byAgent = { ...days, by: { agent: true, taskType: false, operation: false } };
    return [
      ...letters.map(
        (criteria) =>
          [
            `dead letters ${JSON.stringify(criteria)}`,
            (database: Database) => new DeadLetterReads(database).list(tenantId, criteria, limit),
          ] as const,
      ),
      ['causes', (database) => new DeadLetterCauses(database).list(tenantId, { state: 'open' }, 100)],
      ['a dead letter', (database) => new DeadLetterReads(database).find(tenantId, deadLetterId)],
      ['events of a task', (database) => new TaskEventLog(database).after(tenantId, taskId, -1)],
      ['trace of a task', (database) => new TaskSpans(database).of(tenantId, taskId)],
      ['open tasks', (database) => new TaskReads(database).open(tenantId)],
      ['memories', (database) => new MemoryReads(database).page(tenantId, {}, limit)],
      ['datasets', (database) => new Datasets(database).list(tenantId, undefined, limit)],
      ['audit', (database) => new AuditTrail(database).page(tenantId, {}, limit)],
      ['the present of telemetry', (database) => new Timelines(database).present(tenantId)],
      ['throughput of a month', (database) => new Timelines(database).counts(tenantId, byAgent)],
      ['latency of a month', (database) => new Timelines(database).durations(tenantId, byAgent)],
      ['depth of a month', (database) => new Timelines(database).open(tenantId, byAgent)],
    ];
  };

  const costs = async (): Promise<Map<string, number>> => {
    const found = new Map<string, number>();
    for (const [name, query] of queries) {
      const explaining = new Explaining(life.database);
      const lists = new TaskLists(explaining.asDatabase);
      const page = await lists.page(tenantId, query, limit);
      expect(page.partial).toBe(false);
      found.set(`tasks: ${name}`, explaining.touched);
    }
    for (const [name, read] of await others()) {
      const explaining = new Explaining(life.database);
      await read(explaining.asDatabase);
      found.set(name, explaining.touched);
    }
    return found;
  };

  it(`touches as many rows with ${many} tasks as with ${few}`, async () => {
    await fill(few);
    const before = await costs();
    await fill(many - few);
    const after = await costs();
    if (process.env['LIST_FIGURES'] === '1')
      process.stdout.write(`${JSON.stringify([...after].map(([name, rows]) => [name, before.get(name), rows]))}\n`);
    // A few hundred steps of a task are sorted rather than read in order.
    const grown = [...after].filter(([name, rows]) => rows > 3 * (before.get(name) ?? 0) + 1_200);
    expect(grown.map(([name, rows]) => `${name}: ${before.get(name)} rows, then ${rows}`)).toEqual([]);
  }, 600_000);
});
