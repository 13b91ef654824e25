/*
 * The common table expressions that statements which end tasks are made of. A statement names its tasks in
 * `roots (tenant_id, task_id, last)`; a `last` one fails for good or is cancelled, and its open descendants end with it.
 *
 * Locks: a statement that holds the lock of a row and waits for another one must ask for them in order of their ids, as
 * every statement over many claims does. A sweep, which takes rows in order of time, never waits.
 */

import { type Priority, type SubmittedTask, systemTenantId, type TaskType } from '@pulser/contracts';

/** Numbers of events per epoch: `seq` of an event is epoch * attemptSpan + its place in the attempt. */
export const attemptSpan = 1_000_000;

/** Of descendants that another transaction has locked: `wait` for them, or `skip` them: a later sweep closes the family. */
export type Lock = 'wait' | 'skip';

/** Descendants that a statement looks at, with its roots: of larger families the sweep cancels the rest. */
const maxFamily = 500;

// Through descendants that have ended, too. A lateral with an offset is not flattened: it stays a look-up by index, also
// in a plan that was made while there were no tasks. Generation by generation, and no further than the limit.
const family = `line as (
     select tenant_id, task_id as root, task_id, last, true as open from roots
     union
     select f.tenant_id, f.root, c.task_id, true, c.open from line f cross join lateral (
       select task_id, completed_at is null as open from task_queue
       where tenant_id = f.tenant_id and parent_id = f.task_id offset 0
     ) c where f.last
   ), family as materialized (select * from line limit ${maxFamily})`;

// Most tasks have no descendants: then there is nothing to lock here.
const held = (lock: Lock): string => `held as materialized (
     select t.* from (
       select distinct tenant_id, task_id from family where exists (select from family where task_id <> root)
       order by task_id
     ) k cross join lateral (
       select tenant_id, task_id, epoch, status from task_queue
       where tenant_id = k.tenant_id and task_id = k.task_id and completed_at is null
       for update${lock === 'skip' ? ' skip locked' : ''}
     ) t
   )`;

/** Roots that are locked already and will end. */
const allLast = `select tenant_id, task_id from roots where last`;

// By tenant, because the audit trail of a tenant is locked by its first entry.
const orphans = `orphans as (
     select distinct on (f.tenant_id, f.task_id) f.tenant_id, f.task_id, f.root from family f
     join doomed d on d.tenant_id = f.tenant_id and d.task_id = f.root
     join held h on h.tenant_id = f.tenant_id and h.task_id = f.task_id
     where not exists (select from doomed o where o.tenant_id = f.tenant_id and o.task_id = f.task_id)
     order by f.tenant_id, f.task_id
   )`;

/**
 * `doomed`: the roots that end for good; `orphans`: their open descendants, each with one `root`, locked.
 * @param doomed which roots end for good, where that is not plain from `roots`
 */
export const families = (lock: Lock, doomed = allLast): string => `${family}, ${held(lock)},
   doomed as (${doomed}), ${orphans}`;

/**
 * `cancelled`: the tasks of a row set (tenant_id, task_id, root), ended. Their workers lose the lease in the same write. The
 * error of an earlier attempt stays with that attempt: it is not why the task ended.
 */
export const cancelled = (from: string): string => `cancelled as (
     update task_queue t set status = 'cancelled', epoch = t.epoch + 1, error = null, due_at = null, completed_at = now(),
       closing = t.has_children, updated_at = now()
     from ${from} o where t.tenant_id = o.tenant_id and t.task_id = o.task_id
     returning t.*, o.root
   )`;

/** Condition on a row `t` that no ancestor ends with it in this statement. Evaluated, with all locks, before any update. */
export const isNoOrphan = `t.task_id <> all (array(select task_id from orphans))`;

/** Common table expression `name`: a dead letter for every failed task of the row set `from`, but none of Pulser's own. */
export const deadLetters = (from: string, name: string): string => `${name} as (
     insert into dead_letter (tenant_id, task_id, task_type, agent_name, reason, error)
     select tenant_id, task_id, task_type, assigned_agent, error ->> 'code', error from ${from}
     where status = 'failed' and tenant_id <> '${systemTenantId}'
   )`;

interface AttemptEnd {
  readonly status: 'retrying' | 'queued' | 'waiting';
  /** SQL: the epoch in which the attempt ran. */
  readonly epoch: string;
  /** SQL: its number. */
  readonly attempt: string;
  readonly hasError: boolean;
}

/**
 * Common table expression `name`: start and end of the attempts of the tasks of `from` that now have a status, as events,
 * because the next claim overwrites the row's own times.
 */
export const attemptEvents = (from: string, name: string, { status, epoch, attempt, hasError }: AttemptEnd): string => {
  const error = hasError ? `, 'error', error` : '';
  return `${name} as (
     insert into task_event (tenant_id, task_id, seq, at, body)
     select tenant_id, task_id, (${epoch}) * ${attemptSpan}::bigint + e.place, e.at, e.body from ${from}, lateral (values
       (0, started_at, jsonb_build_object('type', 'status', 'status', 'running', 'attempt', ${attempt})),
       (${attemptSpan - 1}, now(), jsonb_build_object('type', 'status', 'status', '${status}', 'attempt', ${attempt}${error}))
     ) as e(place, at, body) where status = '${status}'
   )`;
};

/** Common table expression `name`: the event that a suspended task of `from` was queued again. */
export const resumedEvents = (from: string, name: string): string => `${name} as (
     insert into task_event (tenant_id, task_id, seq, at, body)
     select tenant_id, task_id, epoch * ${attemptSpan}::bigint, now(),
       jsonb_build_object('type', 'status', 'status', 'queued', 'attempt', attempts + 1) from ${from} where status = 'queued'
   )`;

/** SQL: what takes a row `t` from `waiting` to `queued`. The epoch counts on, so that the event of it has a place between claims. */
export const wokenNow = `status = 'queued', epoch = t.epoch + 1, due_at = now(), updated_at = now()`;

/**
 * Common table expression `woken`: the parents that waited for the tasks of the row set `ended`, and for no others any more.
 * Their counts are locked after all tasks, in order of the parents. A parent itself is not waited for, because who has locked
 * it may want one of these children: it stays with a count of 0, by which the sweep finds it.
 * @param ended row set of tasks that this statement has ended
 */
export const wokenParents = (ended: string): string => `arrived as (
     select tenant_id, parent_id, task_id from ${ended} where parent_id is not null
   ), joined as materialized (
     select j.* from (select distinct tenant_id, parent_id from arrived order by parent_id) k cross join lateral (
       select tenant_id, task_id, awaited, remaining from task_join
       where tenant_id = k.tenant_id and task_id = k.parent_id for update
     ) j
   ), counted as (
     select j.tenant_id, j.task_id, j.remaining - count(*)::int as remaining from joined j
     join arrived a on a.tenant_id = j.tenant_id and a.parent_id = j.task_id and a.task_id = any (j.awaited)
     where j.remaining is not null group by j.tenant_id, j.task_id, j.remaining
   ), ready as materialized (
     select p.* from (select * from counted where remaining <= 0 order by task_id) k cross join lateral (
       select tenant_id, task_id, status from task_queue
       where tenant_id = k.tenant_id and task_id = k.task_id for update skip locked
     ) p
   ), woken as (
     update task_queue t set ${wokenNow}
     from ready r where t.tenant_id = r.tenant_id and t.task_id = r.task_id and r.status = 'waiting' returning t.*
   ), recounted as (
     update task_join j set remaining = case when w.task_id is null then c.remaining end,
       awaited = case when w.task_id is null then j.awaited end
     from counted c left join woken w using (tenant_id, task_id)
     where j.tenant_id = c.tenant_id and j.task_id = c.task_id
   ), ${resumedEvents('woken', 'resumed')}`;

/** Columns of a queued row as its dispatch needs them. */
export const dispatchColumns = `task_id, tenant_id, task_type, priority, traceparent`;

/** A row of `dispatchColumns`. */
export interface WokenRow {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly priority: Priority;
  readonly traceparent: string | null;
}

/** A woken row as a message announces it. */
export const wokenTask = ({ task_id, tenant_id, task_type, priority, traceparent }: WokenRow): SubmittedTask => ({
  task_id,
  tenant_id,
  task_type,
  priority,
  ...(traceparent !== null && { traceparent }),
});

/** Columns of a row that the router publishes as an event. */
export const sweptColumns = `task_id, tenant_id, task_type, assigned_agent as agent, attempts as attempt, status,
     error ->> 'code' as code`;

const workerLost = `'{"code": "worker_lost", "message": "The worker was lost", "permanent": false}'::jsonb`;

/**
 * A statement that takes running tasks away from workers that are gone: the attempt counts, the next epoch shuts the old
 * worker out, and the task is queued again or, out of attempts, fails with a dead letter and its descendants.
 * @param from selects the locked rows: `roots (tenant_id, task_id, last)`
 */
export const expireLeases = (from: string, lock: Lock): string => `
   with recursive roots as (${from}), ${families(lock)}, lost as (
     update task_queue t set
       status = case when t.attempts >= t.max_attempts then 'failed' else 'queued' end::task_status,
       due_at = case when t.attempts < t.max_attempts then now() end,
       completed_at = case when t.attempts >= t.max_attempts then now() end,
       closing = t.has_children and t.attempts >= t.max_attempts, epoch = t.epoch + 1, error = ${workerLost}, updated_at = now()
     from roots r where t.tenant_id = r.tenant_id and t.task_id = r.task_id
       and (not r.last or t.task_id = any (array(select task_id from doomed))) and ${isNoOrphan}
     returning t.*
   ), ${attemptEvents('lost', 'lost_attempts', { status: 'queued', epoch: 'epoch - 1', attempt: 'attempts', hasError: true })},
   ${cancelled('orphans')}, ${deadLetters('lost', 'dead')}, ${wokenParents(`(select * from lost where status = 'failed') e`)}
   select ${sweptColumns} from lost union all select ${sweptColumns} from cancelled`;
