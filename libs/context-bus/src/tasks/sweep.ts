import { Injectable } from '@nestjs/common';
import type { AgentName, SubmittedTask, TaskStatus, TaskType } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import {
  cancelled,
  deadLetters,
  dispatchColumns,
  expireLeases,
  families,
  isNoOrphan,
  resumedEvents,
  sweptColumns,
  wokenNow,
  type WokenRow,
  wokenTask,
  wokenParents,
} from './ending-parts.js';
import { isGated, noLimit } from './key-gate.js';

// The states of a task, and what the router does with rows whose `due_at` or deadline has passed: delays, back-offs, lost
// workers, time limits.

/** What moves a row on when its `due_at` has passed. */
type WhenDue = 'promote' | 'dispatch' | 'rescue' | 'fail';

interface TaskState {
  /** What `due_at` is in this state; null: it is null, because the task has ended. */
  readonly dueAt: string | null;
  /** `promote`, `rescue` and `fail` are statements of `TaskSweep`, `dispatch` is one of `TaskBacklog`. */
  readonly whenDue: WhenDue | null;
}

/** The states of a task. `due_at` is when the router must look at the row again if nothing else happens. */
export const taskStates = {
  scheduled: { dueAt: 'the wanted start', whenDue: 'promote' },
  queued: { dueAt: 'the next dispatch, in case this one was skipped or lost', whenDue: 'dispatch' },
  running: { dueAt: 'the end of the lease', whenDue: 'rescue' },
  retrying: { dueAt: 'the end of the back-off', whenDue: 'promote' },
  // One that waits for a time or an approval, or may go on without what it waits for, is woken instead.
  waiting: { dueAt: 'the time limit of the wait, or the time that it waits for', whenDue: 'fail' },
  completed: { dueAt: null, whenDue: null },
  failed: { dueAt: null, whenDue: null },
  cancelled: { dueAt: null, whenDue: null },
} as const satisfies Record<TaskStatus, TaskState>;

/** The states of which a statement of the sweep takes the rows that are due, as a list in SQL. */
const statusesToBe = (whenDue: Exclude<WhenDue, 'dispatch'>): string =>
  Object.entries(taskStates)
    .filter(([, state]) => state.whenDue === whenDue)
    .map(([status]) => `'${status}'`)
    .join(', ');

const dueRows = (
  whenDue: Parameters<typeof statusesToBe>[0],
  { columns = 'tenant_id, task_id', and = '' }: { readonly columns?: string; readonly and?: string } = {},
): string => `
     select ${columns} from task_queue t where status in (${statusesToBe(whenDue)}) and due_at <= now()${and}
     order by due_at limit $1 for update skip locked`;

/** A condition that a waiting row `t` is woken when it is due. */
const wakesWhenDue = `exists (select from task_wait w where w.tenant_id = t.tenant_id and w.task_id = t.task_id
       and w.is_current and (w.kind in ('time', 'approval') or w.on_limit = 'continue'))`;

// The end of an approval wakes its task; one that still waits so much later is looked at by its handler.
const isLate = `(due_at < now() - interval '30 seconds' or not exists (select from task_wait w
       where w.tenant_id = t.tenant_id and w.task_id = t.task_id and w.is_current and w.kind = 'approval'))`;

const promoteScheduled = statement(
  'sweep.promote-scheduled',
  `with due as (${dueRows('promote')})
   update task_queue t set status = case when ${isGated('t')} then 'waiting' else 'queued' end::task_status,
     due_at = case when ${isGated('t')} then ${noLimit} else now() end, updated_at = now()
   from due d where t.tenant_id = d.tenant_id and t.task_id = d.task_id
   returning t.task_id, t.tenant_id, t.task_type, t.assigned_agent as agent, t.attempts as attempt, t.status, null as code`,
);

const rescueStuck = statement(
  'sweep.rescue-stuck',
  expireLeases(dueRows('rescue', { columns: 'tenant_id, task_id, attempts >= max_attempts as last' }), 'skip'),
);

const tooLate = `'{"code": "deadline_exceeded", "message": "The task had not ended in time", "permanent": true}'::jsonb`;

const waitedTooLong = `'{"code": "wait_limit_exceeded", "message": "What the task waited for did not come in time", "permanent": true}'::jsonb`;

const failOverdue = statement(
  'sweep.fail-overdue',
  `with recursive waited as (${dueRows('fail', { and: ` and not ${wakesWhenDue}` })}
   ), overdue as (
     select tenant_id, task_id from task_queue where deadline_at <= now() and completed_at is null
     order by deadline_at limit $1 for update skip locked
   ), roots as (
     select tenant_id, task_id, true as last from waited union select tenant_id, task_id, true from overdue
   ), ${families('skip')}, swept as (
     update task_queue t set status = 'failed', epoch = t.epoch + 1, due_at = null, completed_at = now(), updated_at = now(),
       closing = t.has_children, error = case when t.deadline_at <= now() then ${tooLate} else ${waitedTooLong} end
     from doomed d where t.tenant_id = d.tenant_id and t.task_id = d.task_id and ${isNoOrphan}
     returning t.*
   ), ${cancelled('orphans')}, ${deadLetters('swept', 'dead')}, ${wokenParents('swept')}
   select ${sweptColumns} from swept union all select ${sweptColumns} from cancelled`,
);

// Whether it was a time or a limit that came is decided by what the wait was for.
const wakeDue = statement(
  'sweep.wake-due',
  `with due as (${dueRows('fail', { and: ` and ${wakesWhenDue} and ${isLate}` })}
   ), woken as (
     update task_queue t set ${wokenNow} from due d where t.tenant_id = d.tenant_id and t.task_id = d.task_id returning t.*
   ), waited as (
     update task_wait w set satisfied_at = now(), outcome = '{"timedOut": true}'
     from woken k where w.tenant_id = k.tenant_id and w.task_id = k.task_id and w.is_current and w.kind not in ('time', 'approval')
   ), ${resumedEvents('woken', 'resumed')}
   select ${dispatchColumns} from woken`,
);

// Parents whose last child ended while their own row was locked. One that does not wait any more needs no count.
const wakeMissed = statement(
  'sweep.wake-missed',
  `with missed as (
     select tenant_id, task_id from task_join where remaining <= 0 order by tenant_id, task_id limit $1 for update skip locked
   ), ready as materialized (
     select p.* from missed m cross join lateral (
       select tenant_id, task_id, status from task_queue
       where tenant_id = m.tenant_id and task_id = m.task_id for update skip locked
     ) p
   ), woken as (
     update task_queue t set ${wokenNow}
     from ready r where t.tenant_id = r.tenant_id and t.task_id = r.task_id and r.status = 'waiting' returning t.*
   ), reset as (
     update task_join j set remaining = null, awaited = null
     from ready r where j.tenant_id = r.tenant_id and j.task_id = r.task_id
   ), ${resumedEvents('woken', 'resumed')}
   select ${dispatchColumns} from woken`,
);

/** Families of one statement. */
const maxClosing = 50;

// What the statement that ended a task could not reach: children that were born at that moment, that another transaction had
// locked, or that were too many. One generation a time; a child that has ended passes the order on to its own children.
const closeFamilies = statement(
  'sweep.close-families',
  `with closing as (
     select tenant_id, task_id from task_queue where closing order by tenant_id, task_id limit ${maxClosing} for update skip locked
   ), children as materialized (
     select c.*, p.task_id as root from closing p cross join lateral (
       select tenant_id, task_id, completed_at is null as open, has_children from task_queue
       where tenant_id = p.tenant_id and parent_id = p.task_id offset 0
     ) c
   ), taken as materialized (
     select t.*, k.root from (
       select * from children where open order by tenant_id, task_id limit $1
     ) k cross join lateral (
       select tenant_id, task_id from task_queue
       where tenant_id = k.tenant_id and task_id = k.task_id and completed_at is null for update skip locked
     ) t
   ), ${cancelled('taken')}, passed as (
     update task_queue t set closing = true
     from children c where t.tenant_id = c.tenant_id and t.task_id = c.task_id and not c.open and c.has_children
   ), closed as (
     update task_queue t set closing = false
     from closing p where t.tenant_id = p.tenant_id and t.task_id = p.task_id and not exists (
       select from children c where c.root = p.task_id and c.open and c.task_id <> all (array(select task_id from taken))
     )
   )
   select ${sweptColumns} from cancelled`,
);

/** A row that the sweep moved on, as it is now; `cancelled`: a descendant of one that failed for good. */
export interface Swept {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
  readonly status: TaskStatus;
  /** Why it failed or must be tried again. */
  readonly code: string | null;
}

const latest = statement(
  'sweep.latest',
  `select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as "lateS" from task_queue
   where status in ('scheduled', 'running', 'retrying', 'waiting') and due_at <= now()`,
);

/** Moves on rows that are due. Several routers may sweep at once: each row goes to one of them. */
@Injectable()
export class TaskSweep {
  constructor(private readonly database: Database) {}

  /** Queues up to `limit` rows whose start or back-off has come. */
  promoteScheduled(limit: number): Promise<Swept[]> {
    return this.sweep(promoteScheduled, limit);
  }

  /** Takes up to `limit` rows away from workers whose lease ran out. @returns also the descendants of those that failed for good */
  rescueStuck(limit: number): Promise<Swept[]> {
    return this.sweep(rescueStuck, limit);
  }

  /** Fails up to `limit` rows whose deadline, and as many whose time limit of a wait has passed. @returns also their descendants */
  failOverdue(limit: number): Promise<Swept[]> {
    return this.sweep(failOverdue, limit);
  }

  /** Queues up to `limit` rows that waited for a time that has come, or may go on at the time limit of their wait. */
  wakeDue(limit: number): Promise<SubmittedTask[]> {
    return this.woken(wakeDue, limit);
  }

  /** Queues up to `limit` rows whose children have ended, where the statement that ended the last one could not do it. */
  wakeMissed(limit: number): Promise<SubmittedTask[]> {
    return this.woken(wakeMissed, limit);
  }

  /** Cancels up to `limit` open descendants of tasks that ended for good. @returns them */
  closeFamilies(limit: number): Promise<Swept[]> {
    return this.sweep(closeFamilies, limit);
  }

  /** For how many seconds the row is due that waits longest: a task that was lost would be one that nothing looks at. */
  async lateS(): Promise<number> {
    const [row] = await this.database.query<{ lateS: number }>(latest);
    return row?.lateS ?? 0;
  }

  private async woken(wanted: Statement, limit: number): Promise<SubmittedTask[]> {
    return (await this.database.query<WokenRow>(wanted, [limit])).map(wokenTask);
  }

  private sweep(wanted: Statement, limit: number): Promise<Swept[]> {
    return this.database.query<Swept>(wanted, [limit]);
  }
}
