// Kept counts: triggers write what statements did to tasks and dead letters as deltas (migrations/src/sql/task-deltas.ts).
// Here deltas are folded into counts and rollups, rollups of minutes are added up to hours and days, and old ones are
// deleted. Each step is one statement, so that it happened or did not. Readers use the views, which add what is not folded.
import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '@pulser/database';

const counts = ['submitted', 'started', 'completed', 'failed', 'cancelled', 'retries'];
const sums = [...counts, 'wait_ms', 'run_ms'];
const keys = 'tenant_id, at, agent_name, task_type, operation';
const columns = `${keys}, level, rolled, ${sums.join(', ')}, wait_buckets, wait_counts, run_buckets, run_counts`;

/** A sketch as rows of bucket and count. */
const bucketsOf = (row: string, what: 'wait' | 'run'): string =>
  `select * from unnest(${row}.${what}_buckets, ${row}.${what}_counts)`;

const mergedSketch = (what: 'wait' | 'run'): string => `(${what}_buckets, ${what}_counts) = (
       select coalesce(array_agg(bucket order by bucket), '{}'), coalesce(array_agg(tasks order by bucket), '{}') from (
         select bucket, sum(tasks)::int as tasks
         from (${bucketsOf('r', what)} union all ${bucketsOf('excluded', what)}) b(bucket, tasks) group by bucket
       ) b)`;

/** Adds rows to those of their keys. */
const addToRollups = (rows: string): string => `insert into agent_rollup as r (${columns})
     ${rows} order by ${keys}
     on conflict (tenant_id, level, at, agent_name, task_type, operation, rolled) do update set
       ${sums.map((name) => `${name} = r.${name} + excluded.${name}`).join(', ')},
       ${mergedSketch('wait')}, ${mergedSketch('run')}`;

/** SQL: rows with the number `n` of their group: to group many buckets by one number takes a third of the time. */
const numbered = (rows: string): string => `
     select dense_rank() over (order by ${keys}) as n, r.* from (${rows}) r`;

/** Common table expression `name`: sketches of the rows `buckets (n, bucket, tasks)`, one per group. */
const sketches = (name: string, buckets: string): string => `${name} as (
     select n, array_agg(bucket order by bucket) as buckets, array_agg(tasks order by bucket) as counts from (
       select n, bucket, sum(tasks)::int as tasks from (${buckets}) b group by n, bucket
     ) b group by n
   )`;

/** Rows for `addToRollups`: sums of the numbered rows `from` with the sketches `waits` and `runs`. */
const grouped = (from: string, level: string): string => `
     select ${keys}, ${level}, false, ${sums.map((name) => `total.${name}`).join(', ')},
       coalesce(w.buckets, '{}'), coalesce(w.counts, '{}'), coalesce(r.buckets, '{}'), coalesce(r.counts, '{}')
     from (
       select n, ${keys}, ${sums.map((name) => `sum(${name}) as ${name}`).join(', ')} from ${from} group by n, ${keys}
     ) total left join waits w using (n) left join runs r using (n)`;

// One router folds at a time: two would wait for each other at the rows of the busiest tenants.
const lockName = `hashtext('pulser.fold')`;
const ifFree = `turn as materialized (select pg_try_advisory_xact_lock(${lockName}) as mine)`;
const whenFree = `turn as materialized (select pg_advisory_xact_lock(${lockName}))`;

// The tenant may be gone: what is left of it is dropped.
const foldTasks = statement(
  'folds.tasks',
  `with ${ifFree}, taken as (
     delete from task_delta where ctid = any (array(
       select d.ctid from task_delta d cross join turn where mine limit $1 for update of d skip locked)) returning *
   ), known as (
     select * from taken where exists (select from tenant n where n.tenant_id = taken.tenant_id)
   ), happened as materialized (${numbered(`
     select ${keys}, case when status_was is null then tasks else 0 end as submitted, started,
       case when status = 'completed' and status_was <> 'completed' then tasks else 0 end as completed,
       case when status = 'failed' and status_was <> 'failed' then tasks else 0 end as failed,
       case when status = 'cancelled' and status_was <> 'cancelled' then tasks else 0 end as cancelled,
       retries, wait_ms, run_ms, wait_buckets, run_buckets
     from known
     where status_was is null or status in ('completed', 'failed', 'cancelled') or started <> 0 or retries <> 0`)}
   ), ${sketches('waits', 'select n, unnest(wait_buckets) as bucket, 1 as tasks from happened')},
   ${sketches('runs', 'select n, unnest(run_buckets) as bucket, 1 as tasks from happened')},
   rolled as (
     ${addToRollups(grouped('happened', `'minute'`))}
   ), counted as (
     insert into task_count as c (tenant_id, agent_name, task_type, priority, status, tasks)
     select tenant_id, s.agent_name, task_type, s.priority::text, s.status::text, sum(s.tasks) from known cross join lateral (values
       (agent_name, priority, status, tasks), (agent_was, priority_was, status_was, -tasks)
     ) as s(agent_name, priority, status, tasks)
     where s.status not in ('completed', 'failed', 'cancelled')
     group by 1, 2, 3, 4, 5 having sum(s.tasks) <> 0 order by 1, 2, 3, 4, 5
     on conflict (tenant_id, agent_name, task_type, priority, status) do update set tasks = c.tasks + excluded.tasks
   )
   select count(*)::int as taken from taken`,
);

const foldDeadLetters = statement(
  'folds.dead-letters',
  `with ${ifFree}, taken as (
     delete from dead_letter_delta where ctid = any (array(
       select d.ctid from dead_letter_delta d cross join turn where mine limit $1 for update of d skip locked)) returning *
   ), counted as (
     insert into dead_letter_count as c (tenant_id, state, agent_name, task_type, reason, fingerprint, letters)
     select tenant_id, state, agent_name, task_type, reason, fingerprint, sum(letters) from taken
     group by 1, 2, 3, 4, 5, 6 having sum(letters) <> 0
     on conflict (tenant_id, state, agent_name, task_type, reason, fingerprint)
       do update set letters = c.letters + excluded.letters
   )
   select count(*)::int as taken from taken`,
);

// agent_telemetry: a row per metric, tenant, agent and minute, whose id is made of these, so that what comes late is added
// to it. A mean carries in its metadata the tasks that it is the mean of.
const telemetry = `measured as (
     select tenant_id, agent_name, at, m.metric, m.value, m.unit, m.tasks from (
       select tenant_id, agent_name, at, ${sums.map((name) => `sum(${name})::float8 as ${name}`).join(', ')}
       from taken group by tenant_id, agent_name, at
     ) total cross join lateral (values
       ('tasks_submitted', submitted, '1', null), ('tasks_completed', completed, '1', null),
       ('tasks_failed', failed, '1', null), ('tasks_cancelled', cancelled, '1', null),
       ('attempts_retried', retries, '1', null),
       ('run_time_mean', run_ms / 1000 / nullif(completed, 0), 's', completed),
       ('wait_time_mean', wait_ms / 1000 / nullif(completed, 0), 's', completed)
     ) as m(metric, value, unit, tasks) where m.value <> 0
   ), reported as (
     insert into agent_telemetry as t (tenant_id, telemetry_id, agent_name, metric_name, metric_value, unit, timestamp, metadata)
     select tenant_id, (left(replace(pulser.id_floor(at)::text, '-', ''), 12) || '7'
         || overlay(right(md5(agent_name || '/' || metric), 19) placing '8' from 4))::uuid,
       agent_name, metric, value, unit, at,
       jsonb_strip_nulls(jsonb_build_object('interval_s', 60, 'tasks', tasks))
     from measured order by 1, 2
     on conflict (tenant_id, telemetry_id) do update set
       metric_value = case when t.unit = '1' then t.metric_value + excluded.metric_value
         else (t.metric_value * (t.metadata ->> 'tasks')::float8
           + excluded.metric_value * (excluded.metadata ->> 'tasks')::float8)
           / ((t.metadata ->> 'tasks')::float8 + (excluded.metadata ->> 'tasks')::float8) end,
       metadata = case when t.unit = '1' then t.metadata else t.metadata || jsonb_build_object('tasks',
         (t.metadata ->> 'tasks')::float8 + (excluded.metadata ->> 'tasks')::float8) end
   ), `;

/** Adds rows whose time is over to the next level, each once; those of minutes become telemetry as well. */
const raise = (level: 'minute' | 'hour', next: 'hour' | 'day', late: string): Statement =>
  statement(
    `folds.raise-${level}`,
    `with ${whenFree}, taken as (
       delete from agent_rollup where ctid = any (array(
         select ripe.row from turn, tenant n cross join lateral (
           select r.ctid as row from agent_rollup r where r.tenant_id = n.tenant_id and r.level = '${level}' and not r.rolled
             and r.at < date_trunc('${level}', now(), 'UTC') - interval '${late}' order by r.at limit $1
         ) ripe limit $1)) returning *
     ), ${level === 'minute' ? telemetry : ''}higher as materialized (${numbered(`
       select tenant_id, date_trunc('${next}', at, 'UTC') as at, agent_name, task_type, operation, ${sums.join(', ')},
         wait_buckets, wait_counts, run_buckets, run_counts from taken`)}
     ), ${sketches('waits', 'select n, unnest(wait_buckets) as bucket, unnest(wait_counts) as tasks from higher')},
     ${sketches('runs', 'select n, unnest(run_buckets) as bucket, unnest(run_counts) as tasks from higher')},
     kept as (
       ${addToRollups(`select ${columns.replace('rolled', 'true')} from taken`)}
     ), raised as (
       ${addToRollups(grouped('higher', `'${next}'`))}
     )
     select count(*)::int as taken from taken`,
  );

const raises = { minute: raise('minute', 'hour', '1 minute'), hour: raise('hour', 'day', '5 minutes') } as const;

// Minutes and hours that the next level does not have yet are kept. What is deleted of a level is whole periods of a tenant: the
// views take the oldest one that is left for complete.
const dropOld = statement(
  'folds.drop-old',
  `with gone as (
     delete from agent_rollup where ctid = any (array(
       select old.row from tenant n cross join (values
         ('minute', now() - $1 * interval '1 hour'), ('hour', now() - $2 * interval '1 day'), ('day', now() - $3 * interval '1 day')
       ) as kept(level, since) cross join lateral (
         select r.ctid as row, r.at from agent_rollup r where r.tenant_id = n.tenant_id and r.level = kept.level
           and r.at < kept.since and (r.rolled or r.level = 'day') order by r.at fetch first ($4) rows with ties
       ) old order by n.tenant_id, kept.level, old.at fetch first ($4) rows with ties)) returning 1
   )
   select count(*)::int as taken from gone`,
);

const dropZeros = statement(
  'folds.drop-zeros',
  `with ${whenFree}, tasks as (
     delete from task_count using turn where tasks = 0 returning 1
   ), letters as (
     delete from dead_letter_count using turn where letters = 0 returning 1
   )
   select (select count(*) from tasks) + (select count(*) from letters) as taken`,
);

/** Deltas are counted up to this number. */
export const maxCountedDeltas = 1_000_000;

const pending = statement(
  'folds.pending',
  `select (select count(*) from (select from task_delta limit ${maxCountedDeltas}) t)::int
     + (select count(*) from (select from dead_letter_delta limit ${maxCountedDeltas}) l)::int as taken`,
);

/** How long rollups are kept. */
export interface RollupRetention {
  readonly minutesForHours: number;
  readonly hoursForDays: number;
  readonly daysForDays: number;
}

/** Folds deltas into kept counts. Any number of services may do it at once. Needs the service role. */
@Injectable()
export class Folds {
  constructor(private readonly database: Database) {}

  /** Folds up to `limit` deltas of tasks. @returns how many; 0 also while another service folds */
  foldTasks(limit: number): Promise<number> {
    return this.run(foldTasks, limit);
  }

  /** Folds up to `limit` deltas of dead letters. @returns how many; 0 also while another service folds */
  foldDeadLetters(limit: number): Promise<number> {
    return this.run(foldDeadLetters, limit);
  }

  /** Adds up to `limit` rows of minutes that are over to their hours, or of hours to their days. @returns how many */
  raise(level: 'minute' | 'hour', limit: number): Promise<number> {
    return this.run(raises[level], limit);
  }

  /** Deletes some `limit` rollups past their retention, whole periods of a tenant at a time. @returns how many */
  dropOld({ minutesForHours, hoursForDays, daysForDays }: RollupRetention, limit: number): Promise<number> {
    return this.run(dropOld, minutesForHours, hoursForDays, daysForDays, limit);
  }

  /** Deletes counts that are 0. */
  async dropZeros(): Promise<void> {
    await this.run(dropZeros);
  }

  /** Deltas that are not folded yet, counted up to a million of each kind. */
  pending(): Promise<number> {
    return this.run(pending);
  }

  private async run(wanted: Statement, ...values: readonly number[]): Promise<number> {
    const [row] = await this.database.query<{ taken: number }>(wanted, values);
    return row?.taken ?? 0;
  }
}
