import { Injectable } from '@nestjs/common';
import type { AgentName, TaskStatus, TaskType } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import { cancelled, deadLetters, expireLeases, families, isNoOrphan, sweptColumns } from './ending-parts.js';

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
  waiting: { dueAt: 'the time limit of the wait', whenDue: 'fail' },
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

const dueRows = (whenDue: Parameters<typeof statusesToBe>[0], columns = 'tenant_id, task_id'): string => `
     select ${columns} from task_queue where status in (${statusesToBe(whenDue)}) and due_at <= now()
     order by due_at limit $1 for update skip locked`;

const promoteScheduled = statement(
  'sweep.promote-scheduled',
  `with due as (${dueRows('promote')})
   update task_queue t set status = 'queued', due_at = now(), updated_at = now()
   from due d where t.tenant_id = d.tenant_id and t.task_id = d.task_id
   returning t.task_id, t.tenant_id, t.task_type, t.assigned_agent as agent, t.attempts as attempt, t.status, null as code`,
);

const rescueStuck = statement(
  'sweep.rescue-stuck',
  expireLeases(dueRows('rescue', 'tenant_id, task_id, attempts >= max_attempts as last'), 'skip'),
);

const tooLate = `'{"code": "deadline_exceeded", "message": "The task had not ended in time", "permanent": true}'::jsonb`;

const waitedTooLong = `'{"code": "wait_limit_exceeded", "message": "What the task waited for did not come in time", "permanent": true}'::jsonb`;

const failOverdue = statement(
  'sweep.fail-overdue',
  `with recursive waited as (${dueRows('fail')}
   ), overdue as (
     select tenant_id, task_id from task_queue where deadline_at <= now() and completed_at is null
     order by deadline_at limit $1 for update skip locked
   ), roots as (
     select tenant_id, task_id, true as last from waited union select tenant_id, task_id, true from overdue
   ), ${families('skip')}, swept as (
     update task_queue t set status = 'failed', epoch = t.epoch + 1, due_at = null, completed_at = now(), updated_at = now(),
       error = case when t.deadline_at <= now() then ${tooLate} else ${waitedTooLong} end
     from doomed d where t.tenant_id = d.tenant_id and t.task_id = d.task_id and ${isNoOrphan}
     returning t.*
   ), ${cancelled('orphans')}, ${deadLetters('swept', 'dead')}
   select ${sweptColumns} from swept union all select ${sweptColumns} from cancelled`,
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

  private sweep(wanted: Statement, limit: number): Promise<Swept[]> {
    return this.database.query<Swept>(wanted, [limit]);
  }
}
