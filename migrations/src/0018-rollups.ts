import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { liveViews, liveViewNames } from './sql/live-views.js';
import { countTriggers, dropCountTriggers, pastRetries, runMs, waitMs } from './sql/task-deltas.js';
import { tenantTable } from './sql/tenant-table.js';

// The logarithmic mapping of DDSketch (Masson, Rim, Lee: https://doi.org/10.14778/3352063.3352135) with a relative accuracy
// of 1 %: bucket i holds the durations in (g^(i-1), g^i] ms, g = 1.01 / 0.99, and its value is 2 g^i / (g + 1). Durations
// below 0.01 ms share a bucket.
const sketchBucket = `
  create function pulser.sketch_bucket(ms float8) returns smallint language sql immutable parallel safe
  return case when ms is not null then
    ceil(ln(greatest(ms, 0.01::float8)) / ln(1.01::float8 / 0.99::float8))::smallint end`;

const counts = (type: string): string =>
  ['submitted', 'started', 'completed', 'failed', 'cancelled', 'retries']
    .map((name) => `${name} ${type} not null default 0`)
    .join(', ');

// Deltas are many, short-lived and folded in any order: no key, and no foreign key, whose check would cost more than the row.
const taskDelta = [
  `create table task_delta (
    tenant_id uuid not null,
    at timestamptz not null,
    task_type text not null,
    operation text collate "C" not null,
    agent_name text not null,
    priority task_priority not null,
    status task_status,
    agent_was text,
    priority_was task_priority,
    status_was task_status,
    tasks int not null,
    started int not null default 0,
    retries int not null default 0,
    wait_buckets smallint[] not null default '{}',
    run_buckets smallint[] not null default '{}',
    wait_ms float8 not null default 0,
    run_ms float8 not null default 0
  )`,
  // All of it is dead a second later: vacuumed by its size, not by a share of its rows.
  `alter table task_delta set (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0)`,
  `create index task_delta_of_tenant on task_delta (tenant_id)`,
];

// Rows of a minute are added to the one of their hour when the minute is over, and then count as rolled; what comes for it
// later makes a second row, so that each row is added once.
const agentRollup = [
  `create table agent_rollup (
    tenant_id uuid not null references tenant,
    level text not null check (level in ('minute', 'hour', 'day')),
    at timestamptz not null,
    agent_name text not null,
    task_type text not null,
    operation text collate "C" not null,
    rolled boolean not null default false,
    ${counts('bigint')},
    wait_buckets smallint[] not null default '{}',
    wait_counts int[] not null default '{}',
    run_buckets smallint[] not null default '{}',
    run_counts int[] not null default '{}',
    wait_ms float8 not null default 0,
    run_ms float8 not null default 0,
    primary key (tenant_id, level, at, agent_name, task_type, operation, rolled),
    check (cardinality(wait_buckets) = cardinality(wait_counts)),
    check (cardinality(run_buckets) = cardinality(run_counts))
  )`,
  // The rows of the current minute are updated once a second, in their page while it has room.
  `alter table agent_rollup set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`,
  `create index agent_rollup_pending on agent_rollup (tenant_id, level, at) where not rolled`,
];

const taskCount = [
  `create table task_count (
    tenant_id uuid not null references tenant,
    agent_name text not null,
    task_type text not null,
    priority text not null,
    status text not null,
    tasks bigint not null,
    primary key (tenant_id, agent_name, task_type, priority, status)
  )`,
  `alter table task_count set (fillfactor = 50)`,
];

// Of messages the tenant, the agent and the type may be unknown.
const letterColumns = `
    tenant_id uuid,
    state text not null,
    agent_name text,
    task_type text,
    reason text not null,
    fingerprint text not null`;

const deadLetterCounts = [
  `create table dead_letter_delta (${letterColumns}, letters bigint not null)`,
  `create index dead_letter_delta_of_tenant on dead_letter_delta (tenant_id)`,
  `create table dead_letter_count (${letterColumns}, letters bigint not null,
    unique nulls not distinct (tenant_id, state, agent_name, task_type, reason, fingerprint)
  )`,
  // Finds the oldest and the newest one of a group without its others.
  `create index dead_letter_open_by_fingerprint on dead_letter (tenant_id, fingerprint, dead_letter_id)
    where state = 'open'`,
];

const comments = [
  `comment on column task_queue.operation is 'of the payload, when it is a string of at most 200 characters, else empty; null: inserted by a version before 0.3'`,
  `comment on table task_delta is 'what statements did to tasks, not folded into agent_rollup and task_count yet'`,
  `comment on column task_delta.at is 'the minute'`,
  `comment on column task_delta.status_was is 'null: the tasks were submitted'`,
  `comment on column task_delta.status is 'null: the tasks were deleted while they were open'`,
  `comment on column task_delta.tasks is 'how many went from one state to the other'`,
  `comment on column task_delta.wait_buckets is 'pulser.sketch_bucket of each task that completed'`,
  `comment on table agent_rollup is 'what happened to tasks, by minute, hour and day (UTC); read through rollup_live'`,
  `comment on column agent_rollup.rolled is 'it is in the row of the next level'`,
  `comment on column agent_rollup.submitted is 'tasks submitted, by their created_at; as all columns, of the agent that had them then'`,
  `comment on column agent_rollup.started is 'tasks of which the first attempt began'`,
  `comment on column agent_rollup.completed is 'tasks that completed, by completed_at; failed and cancelled likewise'`,
  `comment on column agent_rollup.retries is 'attempts after which another one is due: they failed or their worker was lost'`,
  `comment on column agent_rollup.wait_ms is 'sum, over tasks that completed, of the milliseconds from the time a task could start (created_at or run_at) to the start of the attempt that completed it'`,
  `comment on column agent_rollup.run_ms is 'sum, over tasks that completed, of the milliseconds of the attempt that completed'`,
  `comment on column agent_rollup.wait_buckets is 'the same as a sketch: buckets in order, see pulser.sketch_bucket'`,
  `comment on column agent_rollup.wait_counts is 'tasks in each of wait_buckets'`,
  `comment on table task_count is 'tasks that have not ended; read through task_count_live'`,
  `comment on table dead_letter_count is 'dead letters by group; read through dead_letter_count_live'`,
];

const keys = 'tenant_id, level, at, agent_name, task_type, operation';

/** A column of buckets with one of counts, from the rows `part`, as the common table expression `name`. */
const histogram = (name: string): string => `
  ${name}s as (
    select ${keys}, array_agg(bucket order by bucket) as buckets, array_agg(tasks order by bucket) as counts from (
      select ${keys}, pulser.sketch_bucket(${name}_ms) as bucket, count(*)::int as tasks
      from part where ${name}_ms is not null group by ${keys}, bucket
    ) b group by ${keys}
  )`;

// What happened to the tasks that are still there, from their rows: hours, and minutes of the last two days. Retries follow
// from the number of attempts, at the time of the last change, and the start is that of the last attempt. The router adds
// them up.
const pastRollups = `
  with part as materialized (
    select t.tenant_id, t.assigned_agent as agent_name, t.task_type, '' as operation, l.level,
      date_trunc(l.level, e.moment, 'UTC') as at, e.submitted, e.started, e.completed, e.failed, e.cancelled, e.retries,
      e.wait_ms, e.run_ms
    from task_queue t cross join lateral (values
      (t.created_at, 1, 0, 0, 0, 0, 0, null::float8, null::float8),
      (t.started_at, 0, 1, 0, 0, 0, 0, null, null),
      (coalesce(t.completed_at, t.updated_at), 0, 0, (t.status = 'completed')::int, (t.status = 'failed')::int,
        (t.status = 'cancelled')::int,
        ${pastRetries('t')},
        case when t.status = 'completed' and t.started_at is not null then ${waitMs('t')} end,
        case when t.status = 'completed' and t.started_at is not null then ${runMs('t')} end)
    ) as e(moment, submitted, started, completed, failed, cancelled, retries, wait_ms, run_ms)
    cross join lateral (
      select case when e.moment >= now() - interval '2 days' then 'minute' else 'hour' end as level
    ) l
    where e.moment is not null
  ), sums as (
    select ${keys}, sum(submitted) as submitted, sum(started) as started, sum(completed) as completed,
      sum(failed) as failed, sum(cancelled) as cancelled, sum(retries) as retries,
      coalesce(sum(wait_ms), 0) as wait_ms, coalesce(sum(run_ms), 0) as run_ms
    from part group by ${keys}
  ), ${histogram('wait')}, ${histogram('run')}
  insert into agent_rollup (${keys}, submitted, started, completed, failed, cancelled, retries, wait_buckets, wait_counts,
    run_buckets, run_counts, wait_ms, run_ms)
  select ${keys}, submitted, started, completed, failed, cancelled, retries, coalesce(w.buckets, '{}'),
    coalesce(w.counts, '{}'), coalesce(r.buckets, '{}'), coalesce(r.counts, '{}'), wait_ms, run_ms
  from sums left join waits w using (${keys}) left join runs r using (${keys})`;

const presentCounts = [
  `insert into task_count select tenant_id, assigned_agent, task_type, priority::text, status::text, count(*)
   from task_queue where completed_at is null group by 1, 2, 3, 4, 5`,
  `insert into dead_letter_count select tenant_id, state, agent_name, task_type, reason, fingerprint, count(*)
   from dead_letter group by 1, 2, 3, 4, 5, 6`,
];

/**
 * Kept counters and rollups. Triggers count whatever a statement does from here on, of any version; rows that are there are
 * counted in the same transaction, while tasks are not read or written: some twenty seconds for a million.
 */
export class Rollups1763840000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table task_queue add column operation text collate "C"',
      'lock table task_queue, dead_letter in share row exclusive mode',
      sketchBucket,
      ...taskDelta,
      ...agentRollup,
      ...taskCount,
      ...deadLetterCounts,
      ...comments,
      // Groups in memory, not by sorting millions of rows on disk.
      `set local work_mem = '256MB'`,
      pastRollups,
      'reset work_mem',
      ...presentCounts,
      ...['task_delta', 'agent_rollup', 'task_count', 'dead_letter_delta', 'dead_letter_count'].flatMap((table) =>
        tenantTable(table, ['select']),
      ),
      'create policy count_insert on task_delta for insert to pulser_owner with check (true)',
      'create policy count_insert on dead_letter_delta for insert to pulser_owner with check (true)',
      ...countTriggers,
      ...liveViews,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...dropCountTriggers,
      ...liveViewNames.map((name) => `drop view ${name}`),
      'drop aggregate pulser.concatenated(anycompatiblearray)',
      'drop index dead_letter_open_by_fingerprint',
      'drop table dead_letter_count, dead_letter_delta, task_count, agent_rollup, task_delta',
      'drop function pulser.sketch_bucket(float8)',
      'alter table task_queue drop column operation',
    ]);
  }
}
