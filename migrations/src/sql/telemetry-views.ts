// Telemetry as views, for dashboards that speak SQL. Each runs with the rights of its reader: who is bound to a tenant sees
// that tenant's figures.

const happened = 'submitted + started + completed + failed + cancelled + retries';

/**
 * Since when a level is whole. What is past its retention is gone from it, but not from the level above: so it is whole from
 * the end of the last period above of which it has nothing. Where it begins in the middle of one, the two sums differ.
 */
const begin = (level: string, above: string): string => `
  cross join lateral (
    select date_trunc('${above}', min(at), 'UTC') as period from agent_rollup
    where tenant_id = t.tenant_id and level = '${level}'
  ) first_${level}
  cross join lateral (
    select case
      when (
        select coalesce(sum(${happened}), 0) from agent_rollup
        where tenant_id = t.tenant_id and level = '${above}' and at = first_${level}.period
      ) <> (
        select coalesce(sum(${happened}), 0) from agent_rollup
        where tenant_id = t.tenant_id and level = '${level}' and rolled and at >= first_${level}.period
          and at < first_${level}.period + interval '1 ${above}'
      ) then first_${level}.period
      else (
        select max(at) from agent_rollup
        where tenant_id = t.tenant_id and level = '${above}' and at < coalesce(first_${level}.period, 'infinity')
      ) end + interval '1 ${above}' as at
  ) ${level}s`;

// Of days the one before may be past its retention, or of before rollups were kept: unless the tenant is as young as its
// first task, nothing is known of the time before that.
const span = `
  create view telemetry_span with (security_invoker = true) as
  select t.tenant_id, l.level, l.seconds, l.from_at, l.to_at
  from tenant t ${begin('hour', 'day')} ${begin('minute', 'hour')}
  cross join lateral (
    select date_trunc('day', min(at), 'UTC') as period from agent_rollup where tenant_id = t.tenant_id and level = 'day'
  ) first_day
  cross join lateral (
    select coalesce(first_day.period, first_hour.period, date_trunc('day', first_minute.period, 'UTC')) as period
  ) first
  cross join lateral (
    select case when first.period > t.created_at then first.period else '-infinity' end as at
  ) days
  cross join lateral (select greatest(days.at, hours.at) as hours_from, greatest(days.at, hours.at, minutes.at) as minutes_from) b
  cross join lateral (values
    ('minute', 60, b.minutes_from, 'infinity'::timestamptz),
    ('hour', 3600, b.hours_from, b.minutes_from),
    ('day', 86400, days.at, b.hours_from)
  ) l(level, seconds, from_at, to_at)`;

// Each time is covered by one level alone, the finest that has it: sums over the rows count no task twice.
const figures = (columns: string): string => `
  select r.tenant_id, r.agent_name, r.task_type, r.operation, r.at, s.seconds, ${columns}
  from telemetry_span s join rollup_live r on r.tenant_id = s.tenant_id and r.level = s.level
    and r.at >= s.from_at and r.at < s.to_at`;

const throughput = `
  create view telemetry_throughput with (security_invoker = true) as
  ${figures('r.submitted, r.started, r.completed, r.failed, r.cancelled, r.retries')}`;

const sketched = (what: 'wait' | 'run'): string => {
  const sketch = `row(r.${what}_buckets, r.${what}_counts)::pulser.sketch`;
  const quantiles = [50, 95, 99].map((q) => `pulser.sketch_quantile(${sketch}, ${q / 100}) as ${what}_p${q}_ms`);
  return [`r.${what}_ms`, ...quantiles, `r.${what}_buckets`, `r.${what}_counts`].join(', ');
};

const latency = `
  create view telemetry_latency with (security_invoker = true) as
  ${figures(`r.completed, ${sketched('wait')}, ${sketched('run')}`)}`;

const errors = `
  create view telemetry_errors with (security_invoker = true) as
  ${figures('r.completed, r.failed, r.retries, r.failed::float8 / nullif(r.completed + r.failed, 0) as error_rate')}`;

const depth = `
  create view telemetry_depth with (security_invoker = true) as
  select tenant_id, agent_name, task_type, priority, status, tasks from task_count_live`;

const health = `
  create view telemetry_health with (security_invoker = true) as
  select agent_name, case when max(last_seen_at) > now() - interval '1 minute' then 'up' else 'silent' end as state,
    max(last_seen_at) as last_seen_at
  from agent_registration group by agent_name`;

const at = 'begin of the period (UTC)';
const seconds = `length of the period: 60 where minutes are kept, 3600 where hours are, else 86400; no time is covered twice`;
const operation = 'empty: the payload names none';

const columnComments = {
  telemetry_span: {
    level: 'minute, hour or day',
    seconds: 'length of a period of the level',
    from_at: 'since when the level has every task',
    to_at: 'from here on a finer level has every task',
  },
  telemetry_throughput: {
    operation,
    at,
    seconds,
    submitted: 'tasks submitted in the period',
    started: 'tasks whose first attempt began in the period',
    completed: 'tasks that completed in the period; failed and cancelled likewise',
    failed: 'tasks that failed for good in the period',
    cancelled: 'tasks cancelled in the period',
    retries: 'attempts in the period after which another one is due',
  },
  telemetry_latency: {
    operation,
    at,
    seconds,
    completed: 'tasks that completed in the period: what all other columns are about',
    wait_ms: 'sum of the milliseconds from when a task could start to the start of the attempt that completed it',
    wait_p50_ms: 'median of the row, within 1 %; quantiles of several rows: pulser.sketch_merge',
    wait_p95_ms: 'of the row, within 1 %',
    wait_p99_ms: 'of the row, within 1 %',
    wait_buckets: 'for pulser.sketch_quantile(pulser.sketch_merge(wait_buckets, wait_counts), 0.95)',
    wait_counts: 'tasks in each of wait_buckets',
    run_ms: 'sum of the milliseconds of the attempts that completed tasks',
    run_p50_ms: 'median of the row, within 1 %; quantiles of several rows: pulser.sketch_merge',
    run_p95_ms: 'of the row, within 1 %',
    run_p99_ms: 'of the row, within 1 %',
    run_buckets: 'for pulser.sketch_quantile(pulser.sketch_merge(run_buckets, run_counts), 0.95)',
    run_counts: 'tasks in each of run_buckets',
  },
  telemetry_errors: {
    operation,
    at,
    seconds,
    completed: 'tasks that completed in the period',
    failed: 'tasks that failed for good in the period',
    retries: 'attempts in the period after which another one is due',
    error_rate: 'failed / (completed + failed) of the row; of several rows: sum(failed) / sum(completed + failed)',
  },
  telemetry_depth: {
    agent_name: 'the agent that has the tasks now',
    priority: 'low, medium, high or critical',
    status: 'scheduled, queued, running, retrying or waiting',
    tasks: 'tasks that have not ended, exact now',
  },
  telemetry_health: {
    state: 'up: one of its workers was heard of within the last minute; silent: none was',
    last_seen_at: 'when one of its workers was last heard of',
  },
} as const satisfies Record<string, Record<string, string>>;

const viewComments = {
  telemetry_span: 'which level of the rollups has which time',
  telemetry_throughput: 'what happened to tasks, by agent, task type, operation and period',
  telemetry_latency: 'how long tasks waited and ran, by agent, task type, operation and period',
  telemetry_errors: 'how many tasks failed, by agent, task type, operation and period',
  telemetry_depth: 'tasks that have not ended, by agent, task type, priority and status',
  telemetry_health: 'which agents have workers; the same for all tenants',
} as const satisfies Record<keyof typeof columnComments, string>;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Those that others are made of come last, so that they can be dropped in this order. */
export const telemetryViewNames = (Object.keys(viewComments) as (keyof typeof viewComments)[]).toReversed();

export const telemetryViews = [
  span,
  throughput,
  latency,
  errors,
  depth,
  health,
  ...Object.entries(viewComments).map(([view, text]) => `comment on view ${view} is ${quoted(text)}`),
  ...Object.entries(columnComments).flatMap(([view, columns]) =>
    Object.entries(columns).map(([column, text]) => `comment on column ${view}.${column} is ${quoted(text)}`),
  ),
  `grant select on ${telemetryViewNames.join(', ')} to pulser_app, pulser_service`,
];
