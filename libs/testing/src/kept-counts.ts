// Whether the kept counts and rollups say what the rows say.
import { systemTenantId } from '@pulser/contracts';
import type pg from 'pg';

/** Tasks that are counted: those of Pulser itself are not. */
const counted = `(select * from task_queue where tenant_id <> '${systemTenantId}')`;

type Query = <Row extends pg.QueryResultRow>(text: string) => Promise<Row[]>;

const differences = (what: string, keys: string, values: string, [kept, rows]: readonly [string, string]): string => `
  select format('${what} %s: kept %s, rows %s', coalesce(k.key, r.key), coalesce(k.value, 'nothing'), coalesce(r.value, 'nothing'))
  from (select concat_ws('/', ${keys}) as key, concat_ws(' ', ${values}) as value from (${kept}) kept) k
  full join (select concat_ws('/', ${keys}) as key, concat_ws(' ', ${values}) as value from (${rows}) counted) r using (key)
  where k.value is distinct from r.value`;

const openTasks = differences('open tasks', 'tenant_id, agent_name, task_type, priority, status', 'tasks', [
  'select * from task_count_live',
  `select tenant_id, assigned_agent as agent_name, task_type, priority::text, status::text, count(*) as tasks
   from ${counted} task_queue where completed_at is null group by 1, 2, 3, 4, 5`,
]);

const deadLetters = differences('dead letters', 'tenant_id, state, agent_name, task_type, fingerprint', 'letters', [
  'select * from dead_letter_count_live',
  `select tenant_id, state, agent_name, task_type, fingerprint, count(*) as letters
   from dead_letter group by 1, 2, 3, 4, 5`,
]);

const levels = `(values ('minute'), ('hour'), ('day')) as l(level)`;

/** Minutes are not kept for long, and those of before the first rollup not at all. */
const isKept = (at: string): string =>
  `(level <> 'minute' or ${at} >= date_trunc('day', now() - interval '1 day', 'UTC'))`;

// A task that moved to another agent was submitted to its first one: what was submitted is compared without agents.
const submitted = differences('submitted', 'level, at, tenant_id, task_type, operation', 'submitted', [
  `select level, at, tenant_id, task_type, operation, sum(submitted) as submitted from rollup_live
   where ${isKept('at')} group by 1, 2, 3, 4, 5 having sum(submitted) <> 0`,
  `select level, date_trunc(level, created_at, 'UTC') as at, tenant_id, task_type, coalesce(operation, '') as operation,
     count(*) as submitted from ${counted} task_queue cross join ${levels}
   where ${isKept('created_at')} group by 1, 2, 3, 4, 5`,
]);

// When an attempt began that is not the last one the row does not say: compared over all time.
const started = differences('started', 'tenant_id, task_type, operation', 'started', [
  `select tenant_id, task_type, operation, sum(started) as started from rollup_live where level = 'day'
   group by 1, 2, 3 having sum(started) <> 0`,
  `select tenant_id, task_type, coalesce(operation, '') as operation, count(*) as started from ${counted} task_queue
   where started_at is not null group by 1, 2, 3`,
]);

const wait = `greatest(0, date_part('epoch', started_at - greatest(created_at, run_at)) * 1000)`;
const run = `greatest(0, date_part('epoch', completed_at - started_at) * 1000)`;

/** Durations of the rows `ended` of a group as a sketch: `bucket:tasks`, in order. */
const sketchOf = (ms: string): string => `
  (select string_agg(b || ':' || n, ' ' order by b) from (
     select pulser.sketch_bucket(ms) as b, count(*) as n from unnest(array_agg(${ms})
       filter (where status = 'completed' and started_at is not null)) as ms group by 1) s)`;

const ended = differences(
  'ended',
  'level, at, tenant_id, agent_name, task_type, operation',
  'completed, failed, cancelled, wait, run, round(wait_ms::numeric, 3), round(run_ms::numeric, 3)',
  [
    `select level, at, tenant_id, agent_name, task_type, operation, completed, failed, cancelled, wait_ms, run_ms,
       (select string_agg(b || ':' || n, ' ' order by b) from unnest(wait_buckets, wait_counts) s(b, n)) as wait,
       (select string_agg(b || ':' || n, ' ' order by b) from unnest(run_buckets, run_counts) s(b, n)) as run
     from rollup_live where completed + failed + cancelled <> 0 and ${isKept('at')}`,
    `select level, date_trunc(level, completed_at, 'UTC') as at, tenant_id, assigned_agent as agent_name, task_type,
       coalesce(operation, '') as operation, count(*) filter (where status = 'completed') as completed,
       count(*) filter (where status = 'failed') as failed, count(*) filter (where status = 'cancelled') as cancelled,
       coalesce(sum(${wait}) filter (where status = 'completed'), 0) as wait_ms,
       coalesce(sum(${run}) filter (where status = 'completed'), 0) as run_ms,
       ${sketchOf(wait)} as wait, ${sketchOf(run)} as run
     from ${counted} task_queue cross join ${levels} where completed_at is not null and ${isKept('completed_at')}
     group by 1, 2, 3, 4, 5, 6`,
  ],
);

// Every counted attempt but the last one of a task was retried or lost, and the last one too when the task waits for another.
// Of a task that failed or was cancelled the row does not say whether an attempt was running: its events do, and without
// any its worker. The first attempt, without a claim, leaves no event when it is lost: the next one counts as the second.
const retries = differences('retries', 'tenant_id, task_type, operation', 'retries', [
  `select tenant_id, task_type, operation, sum(retries) as retries from rollup_live where level = 'day'
   group by 1, 2, 3 having sum(retries) <> 0`,
  `select tenant_id, task_type, operation, sum(retries) as retries from (
     select tenant_id, task_type, coalesce(operation, '') as operation, case
         when status in ('completed', 'running') then attempts - 1 when completed_at is null then attempts
         when events > 0 then events + first - 1 else attempts - (worker is not null)::int end as retries
     from ${counted} t cross join lateral (
       select count(*) as events, min((body ->> 'attempt')::int) as first from task_event e
       where e.tenant_id = t.tenant_id and e.task_id = t.task_id and body ->> 'status' in ('retrying', 'queued') and body ? 'error'
     ) e where attempts > 0
   ) task group by 1, 2, 3 having sum(retries) <> 0`,
]);

/**
 * Compares the views over kept counts (`task_count_live`, `dead_letter_count_live`, `rollup_live`) with the rows of
 * `task_queue` and `dead_letter` in one snapshot, while any statements run. Of tasks that retention deleted only the
 * rollups are left: there must be none.
 * @param query as a role that sees every row
 * @returns a sentence for each difference
 */
export const countMismatches = async (query: Query): Promise<string[]> => {
  const all = [openTasks, deadLetters, submitted, started, ended, retries].join(' union all ');
  return (await query<{ difference: string }>(`select * from (${all}) as d(difference)`)).map(
    ({ difference }) => difference,
  );
};
