// From `running` to `waiting` and back: what a task waits for is written down with it, and a wait that is over already queues
// the task at once. No wake is lost: the statements that end a child, keep a signal or decide an approval lock the row of the
// parent's join or the parent itself, the suspension locks both before it looks, and whichever comes second knows of the first.
import { statement } from '@pulser/database';

import { askApprovals, type AskedApproval } from './asked-approval.js';
import { byKeys, type ClaimRef } from './claims.js';
import { attemptEvents, dispatchColumns, resumedEvents, wokenNow } from './ending-parts.js';

/** What a task waits for, as its row of `task_wait` has it. */
export interface AwaitedThing {
  /** That the handler gave it. */
  readonly key: string;
  readonly kind: 'child' | 'children' | 'signal' | 'time' | 'run' | 'approval';
  /** Name of a signal, id of an approval. */
  readonly ref?: string;
  /** Ids of children. */
  readonly refs?: readonly string[];
  /** ISO 8601: of a time. */
  readonly until?: string;
  /** What the approval asks for. */
  readonly approval?: AskedApproval;
  /** What becomes of the task when the time limit passes. */
  readonly onLimit: 'fail' | 'continue';
}

export interface Suspension extends ClaimRef {
  readonly timeLimitMs: number;
  /** Without, the task waits until it is woken. */
  readonly wait?: AwaitedThing;
}

const writtenColumns = 'tenant_id, task_id, root_id, task_type, notify';

const claims = `unnest($1::uuid[], $2::uuid[]) as c(tenant_id, task_id)`;

/** Before `suspend`: locks the tasks. */
export const lockSuspending = statement(
  'tasks.suspend.lock',
  `select count(*) from (select * from ${claims} order by task_id) k cross join lateral (
     select from task_queue where tenant_id = k.tenant_id and task_id = k.task_id for update
   ) t`,
);

/** Then the counts of their children. */
export const lockJoins = statement(
  'tasks.suspend.lock-joins',
  `select count(*) from (select * from ${claims} order by task_id) k cross join lateral (
     select from task_join where tenant_id = k.tenant_id and task_id = k.task_id for update
   ) j`,
);

const openOnes = `(select count(*)::int from unnest(g.refs) r(id) cross join lateral (
       select from task_queue c where c.tenant_id = g."tenantId" and c.task_id = r.id and c.parent_id = g."taskId"
         and c.completed_at is null offset 0
     ) o)`;

const signalIsThere = `exists (select from task_signal s where s.tenant_id = g."tenantId" and s.task_id = g."taskId"
       and s.name = g.ref and s.taken_by is null)`;

// The attempt goes on when the task is woken, so it is not counted twice: it is given back here and counted by the next claim.
export const suspend = statement(
  'tasks.suspend',
  `with given as materialized (
     select g.*, case when kind in ('child', 'children') then ${openOnes} end as remaining
     from json_to_recordset($1::json) as g("tenantId" uuid, "taskId" uuid, epoch int, "timeLimitMs" float8, key text,
       kind text, ref text, refs uuid[], until timestamptz, "onLimit" text, approval jsonb)
   ), looked as materialized (
     select g.*, p.expires_at, coalesce(case kind when 'signal' then ${signalIsThere} when 'time' then until <= now()
       when 'run' then false when 'approval' then p.status <> 'waiting' else remaining <= 0 end, false) as over
     from given g left join lateral (
       select status, expires_at from approval
       where tenant_id = g."tenantId" and approval_id = case when g.kind = 'approval' then g.ref::uuid end
     ) p on true
   ), suspended as (
     update task_queue t set status = 'waiting', attempts = t.attempts - 1, worker = null, updated_at = now(),
       due_at = coalesce(c.expires_at, c.until, now() + c."timeLimitMs" * interval '1 ms')
     from looked c
     where ${byKeys('t', 2)} and not c.over
       and t.tenant_id = c."tenantId" and t.task_id = c."taskId" and t.epoch = c.epoch and t.status = 'running'
     returning t.*
   ), resumed as (
     update task_queue t set ${wokenNow}, attempts = t.attempts - 1, worker = null
     from looked c
     where ${byKeys('t', 2)} and c.over
       and t.tenant_id = c."tenantId" and t.task_id = c."taskId" and t.epoch = c.epoch and t.status = 'running'
     returning t.*
   ), written as (
     select ${writtenColumns} from suspended union all select ${writtenColumns} from resumed
   ), earlier as (
     update task_wait w set is_current = false from looked c join written k on k.task_id = c."taskId"
     where w.tenant_id = c."tenantId" and w.task_id = c."taskId" and w.is_current and w.key is distinct from c.key
   ), waits as (
     insert into task_wait (tenant_id, task_id, key, kind, ref, refs, until, on_limit, is_current)
     select c."tenantId", c."taskId", c.key, c.kind, c.ref, c.refs, c.until, c."onLimit", true
     from looked c join written k on k.task_id = c."taskId" where c.key is not null
     on conflict (tenant_id, task_id, key) do update set is_current = true, until = coalesce(task_wait.until, excluded.until),
       ref = case excluded.kind when 'approval' then excluded.ref else task_wait.ref end,
       satisfied_at = case when excluded.kind <> 'approval' then task_wait.satisfied_at end
   ), ${askApprovals}, joins as (
     update task_join j set remaining = nullif(c.remaining, 0), awaited = case when c.remaining > 0 then c.refs end
     from looked c join written k on k.task_id = c."taskId"
     where j.tenant_id = c."tenantId" and j.task_id = c."taskId"
   ), ${attemptEvents('suspended', 'attempt', { status: 'waiting', epoch: 'epoch', attempt: 'attempts + 1', hasError: false })},
   ${attemptEvents('resumed', 'attempt_again', { status: 'queued', epoch: 'epoch - 1', attempt: 'attempts + 1', hasError: false })}
   select ${dispatchColumns}, false as queued from suspended
   union all select ${dispatchColumns}, true from resumed`,
  { genericPlan: true },
);

export const wake = statement(
  'tasks.wake',
  `with woken as (
     update task_queue t set ${wokenNow}
     where t.tenant_id = $1 and t.task_id = $2 and t.status = 'waiting' returning t.*
   ), ${resumedEvents('woken', 'resumed')}
   select ${dispatchColumns} from woken`,
);
