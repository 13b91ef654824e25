// What triggers write when rows of `task_queue` and `dead_letter` come, change and go: one delta per statement and group of
// like rows. They run as the owner, so that no other role needs the right to write a count, and see what every
// statement did, also those of older versions and of administrators.
import { ownersPath } from './owner.js';

const minute = (moment: string): string => `date_trunc('minute', ${moment})`;

/**
 * SQL: milliseconds from the time a row could start until its last attempt began. `date_part` and not `extract`, whose
 * numeric costs a microsecond.
 */
export const waitMs = (row: string): string =>
  `greatest(0, date_part('epoch', ${row}.started_at - greatest(${row}.created_at, ${row}.run_at)) * 1000)`;

/** SQL: milliseconds of the last attempt of a row that completed. */
export const runMs = (row: string): string =>
  `greatest(0, date_part('epoch', ${row}.completed_at - ${row}.started_at) * 1000)`;

/** SQL: the columns `wait` and `run` of a row, null unless it completed. An attempt that never began has no duration. */
const durations = (row: string, completed: string): string =>
  `case when ${completed} then ${waitMs(row)} end as wait, case when ${completed} then ${runMs(row)} end as run`;

/** SQL: over the tasks of a group, the columns wait_buckets, run_buckets, wait_ms and run_ms. */
const sketches = `coalesce(array_agg(pulser.sketch_bucket(wait)) filter (where wait is not null), '{}') as wait_buckets,
        coalesce(array_agg(pulser.sketch_bucket(run)) filter (where run is not null), '{}') as run_buckets,
        coalesce(sum(wait), 0) as wait_ms, coalesce(sum(run), 0) as run_ms`;

/** SQL: retries of a row that comes as it is, by its attempts: the last one counts when the task waits for another. */
export const pastRetries = (row: string): string =>
  `case when ${row}.status in ('scheduled', 'queued', 'retrying', 'waiting') then ${row}.attempts
     else greatest(${row}.attempts - 1, 0) end`;

const columns = `tenant_id, at, task_type, operation, agent_name, priority, status, agent_was, priority_was, status_was, tasks,
      started, retries, wait_buckets, run_buckets, wait_ms, run_ms`;

/** SQL: which rows of a row set are not counted, as an end of a condition. */
type Except = (row: string) => string;

const none: Except = () => '';

const exceptOf =
  (tenantId: string): Except =>
  (row) =>
    ` and ${row}.tenant_id <> '${tenantId}'`;

/** SQL: counts rows that come as they must be, open and never started; others as if they ran. */
const comes = (
  except: Except,
): string => `insert into public.task_delta (tenant_id, at, task_type, operation, agent_name, priority, status, tasks)
    select tenant_id, ${minute('created_at')}, task_type, coalesce(operation, ''), assigned_agent, priority,
      case when started_at is null and completed_at is null then status else 'running' end as came, count(*)
    from new_table where true${except('new_table')} group by 1, 2, 3, 4, 5, 6, 7;`;

/** SQL: those others moved to what they are, at that time. */
const hasBegun = (except: Except): string => `insert into public.task_delta (${columns})
      select tenant_id, ${minute('coalesce(completed_at, started_at)')}, task_type, coalesce(operation, ''), assigned_agent,
        priority, status, assigned_agent, priority, 'running', count(*), count(started_at), sum(${pastRetries('n')}), ${sketches}
      from (
        select *, ${durations('t', `t.status = 'completed' and t.started_at is not null`)} from new_table t
        where (started_at is not null or completed_at is not null)${except('t')}
      ) n group by 1, 2, 3, 4, 5, 6, 7;`;

const countInserted = (except: Except): string => `
  create function pulser.count_inserted_tasks() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  begin
    ${comes(except)}
    if exists (select from new_table where started_at is not null or completed_at is not null) then
      ${hasBegun(except)}
    end if;
    return null;
  end
  $$`;

/** PL/pgSQL: counts the rows of `new_table` but those of one tenant. @param begun names the variable that says whether any has begun */
export const countNew = (begun: string, exceptTenant: string): string => `
    ${comes(exceptOf(exceptTenant))}
    if ${begun} then
      ${hasBegun(exceptOf(exceptTenant))}
    end if;`;

// An attempt was retried, or was lost and its task is queued again (a release and a suspension lower `attempts`), or ran
// without a claim and was lost with its worker (the claim then counts two).
const retried = `case
            when o.status = 'running' and n.status = 'retrying' then 1
            when o.status = 'running' and n.status = 'queued' and n.attempts = o.attempts then 1
            when o.status = 'queued' and n.status = 'running' then n.attempts - o.attempts - 1
            else 0 end`;

// Renewals and dispatches change no state: for them the join finds nothing. It is by one key, which is quicker. Nested loops
// are switched off because the plan is kept, and may have been made for one row; sorts, because comparing texts costs more
// than hashing them.
const countUpdated = (except: Except): string => `
  create function pulser.count_updated_tasks() returns trigger
  language plpgsql security definer ${ownersPath} set enable_nestloop = off set enable_sort = off as $$
  begin
    insert into public.task_delta (${columns})
    select tenant_id, ${minute('now()')}, task_type, coalesce(operation, ''), agent, priority, status,
      agent_was, priority_was, status_was, count(*), count(*) filter (where starts), sum(retries), ${sketches}
    from (
      select n.tenant_id, n.task_type, n.operation, n.assigned_agent as agent, n.priority, n.status,
        o.assigned_agent as agent_was, o.priority as priority_was, o.status as status_was,
        o.started_at is null and n.started_at is not null as starts, ${retried} as retries,
        ${durations('n', `n.status = 'completed' and o.completed_at is null and n.started_at is not null`)}
      from old_table o join new_table n on n.task_id = o.task_id and not n.tenant_id <> o.tenant_id
      where (o.status <> n.status or o.assigned_agent <> n.assigned_agent or o.priority <> n.priority)
        ${except('n')} offset 0
    ) moved
    group by tenant_id, task_type, operation, agent, priority, status, agent_was, priority_was, status_was;
    return null;
  end
  $$`;

// Retention deletes what has ended, which no count of open tasks holds; the rollups keep what happened.
const countDeleted = (except: Except): string => `
  create function pulser.count_deleted_tasks() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  begin
    insert into public.task_delta (tenant_id, at, task_type, operation, agent_name, priority, agent_was, priority_was,
      status_was, tasks)
    select tenant_id, ${minute('now()')}, task_type, coalesce(operation, ''), assigned_agent, priority, assigned_agent, priority,
      status, count(*)
    from old_table where completed_at is null${except('old_table')} group by 1, 2, 3, 4, 5, 6, 9;
    return null;
  end
  $$`;

/** A side of a change of dead letters. */
const letters = (table: string, sign: string): string =>
  `select tenant_id, state, agent_name, task_type, reason, fingerprint, ${sign}1 as letters from ${table}`;

const countLetters = `
  create function pulser.count_dead_letters() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  begin
    if tg_op = 'INSERT' then
      insert into public.dead_letter_delta select tenant_id, state, agent_name, task_type, reason, fingerprint, sum(letters)
      from (${letters('new_table', '')}) c group by 1, 2, 3, 4, 5, 6;
    elsif tg_op = 'DELETE' then
      insert into public.dead_letter_delta select tenant_id, state, agent_name, task_type, reason, fingerprint, sum(letters)
      from (${letters('old_table', '-')}) c group by 1, 2, 3, 4, 5, 6;
    else
      insert into public.dead_letter_delta select tenant_id, state, agent_name, task_type, reason, fingerprint, sum(letters)
      from (${letters('new_table', '')} union all ${letters('old_table', '-')}) c group by 1, 2, 3, 4, 5, 6
      having sum(letters) <> 0;
    end if;
    return null;
  end
  $$`;

const transitions = {
  insert: 'referencing new table as new_table',
  update: 'referencing old table as old_table new table as new_table',
  delete: 'referencing old table as old_table',
} as const;

const functions = {
  insert: 'count_inserted_tasks()',
  update: 'count_updated_tasks()',
  delete: 'count_deleted_tasks()',
} as const;

const triggers = (table: string, functionOf: (event: keyof typeof transitions) => string): string[] =>
  (Object.keys(transitions) as (keyof typeof transitions)[]).map(
    (event) => `create trigger count_${event} after ${event} on ${table} ${transitions[event]} for each statement
     execute function pulser.${functionOf(event)}`,
  );

const names = [...Object.values(functions), 'count_dead_letters()'];

/** The functions with the triggers that call them. */
export const countTriggers = [
  ...[countInserted, countUpdated, countDeleted].map((text) => text(none)),
  countLetters,
  ...names.map((name) => `revoke execute on function pulser.${name} from public`),
  ...triggers('task_queue', (event) => functions[event]),
  ...triggers('dead_letter', () => 'count_dead_letters()'),
];

const replaced = (text: string): string => text.replace('create function', 'create or replace function');

/** From now on the tasks of one tenant are not counted; undefined: those of all are. */
export const countAllBut = (tenantId?: string): string[] => {
  const except = tenantId === undefined ? none : exceptOf(tenantId);
  return [countInserted, countUpdated, countDeleted].map((text) => replaced(text(except)));
};

/** Counting what is inserted, as a trigger of its own. */
export const countInsertedAlone = (exceptTenant: string): string[] => [
  countInserted(exceptOf(exceptTenant)),
  'revoke execute on function pulser.count_inserted_tasks() from public',
  `create trigger count_insert after insert on task_queue ${transitions.insert} for each statement
   execute function pulser.count_inserted_tasks()`,
];

export const dropCountInsertedAlone = [
  'drop trigger count_insert on task_queue',
  'drop function pulser.count_inserted_tasks()',
];

export const dropCountTriggers = [
  ...['task_queue', 'dead_letter'].flatMap((table) =>
    Object.keys(transitions).map((event) => `drop trigger count_${event} on ${table}`),
  ),
  ...names.map((name) => `drop function pulser.${name}`),
];
