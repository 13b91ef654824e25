import type { TaskStatus } from '@pulser/contracts';

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
export const statusesToBe = (whenDue: Exclude<WhenDue, 'dispatch'>): string =>
  Object.entries(taskStates)
    .filter(([, state]) => state.whenDue === whenDue)
    .map(([status]) => `'${status}'`)
    .join(', ');
