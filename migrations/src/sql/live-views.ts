// Views over kept counts that are exact at any moment: what is folded, and the deltas that are not yet. Each runs with the
// rights of its reader, so that the policies of the tables below hold.

const counts = ['submitted', 'started', 'completed', 'failed', 'cancelled', 'retries'];
const sums = [...counts, 'wait_ms', 'run_ms'];
const sketches = ['wait_buckets', 'wait_counts', 'run_buckets', 'run_counts'];

/** Rows of `agent_rollup`, at a level that may be higher than their own. */
const rolledUp = (level: string, condition: string): string => {
  const at = level === 'level' ? 'at' : `date_trunc('${level}', at, 'UTC')`;
  return `select tenant_id, agent_name, task_type, operation, ${level === 'level' ? level : `'${level}'::text`} as level,
        ${at} as at, ${[...sums, ...sketches].join(', ')} from agent_rollup ${condition}`;
};

/** SQL: the counts of rollups in a row of `task_delta`. */
const happened = `
        case when status_was is null then tasks else 0 end as submitted, started,
        case when status = 'completed' and status_was <> 'completed' then tasks else 0 end as completed,
        case when status = 'failed' and status_was <> 'failed' then tasks else 0 end as failed,
        case when status = 'cancelled' and status_was <> 'cancelled' then tasks else 0 end as cancelled, retries`;

const deltas = `select tenant_id, agent_name, task_type, operation, l.level, date_trunc(l.level, at, 'UTC'), ${happened},
        wait_ms, run_ms, wait_buckets, array_fill(1, array[cardinality(wait_buckets)]), run_buckets,
        array_fill(1, array[cardinality(run_buckets)])
      from task_delta cross join (values ('minute'), ('hour'), ('day')) l(level)
      where status_was is null or status in ('completed', 'failed', 'cancelled') or started <> 0 or retries <> 0`;

/** A sketch of a group, each bucket once; that of a single row is one already. */
const merged = (what: 'wait' | 'run'): string => `
    case when parts = 1 and is_folded then ${what}_buckets
      else array(select distinct b from unnest(${what}_buckets) b order by 1) end as ${what}_buckets,
    case when parts = 1 and is_folded then ${what}_counts
      else array(select sum(c)::int from unnest(${what}_buckets, ${what}_counts) s(b, c) group by b order by b)
      end as ${what}_counts`;

// A column that a query does not read is not computed: one that reads counts alone merges no sketches.
const rollupLive = `
  create view rollup_live with (security_invoker = true) as
  select tenant_id, agent_name, task_type, operation, level, at, ${counts.join(', ')}, ${merged('wait')}, ${merged('run')},
    wait_ms, run_ms
  from (
    select tenant_id, agent_name, task_type, operation, level, at, count(*) as parts, bool_and(is_folded) as is_folded,
      ${counts.map((name) => `sum(${name})::bigint as ${name}`).join(', ')},
      ${sketches.map((name) => `pulser.concatenated(${name}) as ${name}`).join(', ')},
      sum(wait_ms) as wait_ms, sum(run_ms) as run_ms
    from (
      select *, true as is_folded from (
        ${rolledUp('level', '')}
        union all ${rolledUp('hour', `where level = 'minute' and not rolled`)}
        union all ${rolledUp('day', `where level in ('minute', 'hour') and not rolled`)}
      ) folded
      union all
      select *, false from (${deltas}) fresh (tenant_id, agent_name, task_type, operation, level, at)
    ) part
    group by tenant_id, agent_name, task_type, operation, level, at
  ) live`;

const taskCountLive = `
  create view task_count_live with (security_invoker = true) as
  select tenant_id, agent_name, task_type, priority, status, sum(tasks)::bigint as tasks from (
    select tenant_id, agent_name, task_type, priority, status, tasks from task_count
    union all
    select tenant_id, s.agent_name, task_type, s.priority::text, s.status::text, s.tasks from task_delta cross join lateral (values
      (agent_name, priority, status, tasks), (agent_was, priority_was, status_was, -tasks)
    ) as s(agent_name, priority, status, tasks) where s.status not in ('completed', 'failed', 'cancelled')
  ) part
  group by tenant_id, agent_name, task_type, priority, status having sum(tasks) <> 0`;

const letterKeys = 'tenant_id, state, agent_name, task_type, reason, fingerprint';

const deadLetterCountLive = `
  create view dead_letter_count_live with (security_invoker = true) as
  select ${letterKeys}, sum(letters)::bigint as letters from (
    select ${letterKeys}, letters from dead_letter_count
    union all
    select ${letterKeys}, letters from dead_letter_delta
  ) part
  group by ${letterKeys} having sum(letters) <> 0`;

export const liveViewNames = ['rollup_live', 'task_count_live', 'dead_letter_count_live'];

export const liveViews = [
  `create aggregate pulser.concatenated(anycompatiblearray) (sfunc = array_cat, stype = anycompatiblearray, parallel = safe)`,
  rollupLive,
  taskCountLive,
  deadLetterCountLive,
  `comment on view rollup_live is 'what happened to tasks by minute, hour and day, exact now'`,
  `comment on view task_count_live is 'tasks that have not ended, exact now'`,
  `comment on view dead_letter_count_live is 'dead letters by group, exact now'`,
  ...liveViewNames.map((name) => `grant select on ${name} to pulser_app, pulser_service`),
];
