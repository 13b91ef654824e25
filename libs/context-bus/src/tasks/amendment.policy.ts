// What a change of a task that waits does to its row: the state may follow from the time at which it may start.
import { priorities, type FieldProblem, type Priority, type TaskStatus } from '@pulser/contracts';

/** What is to be another way; what is undefined stays, null removes. Times as RFC 3339. */
export interface Amendment {
  readonly priority?: Priority | undefined;
  readonly runAt?: string | null | undefined;
  readonly deadlineAt?: string | null | undefined;
}

/** A task as it is, by the database's clock. */
export interface AmendableTask {
  readonly status: TaskStatus;
  readonly priority: Priority;
  readonly runAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly now: Date;
  /** Of this version of the task. */
  readonly tag: string;
}

/** What is written beside the amendment itself; undefined: as it is. */
export interface AmendedState {
  readonly status?: 'scheduled' | 'queued';
  /** When the router looks at the row; RFC 3339. */
  readonly dueAt?: string;
}

export type AmendmentVerdict =
  | { readonly kind: 'amended'; readonly state: AmendedState }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'stale'; readonly tag: string }
  | { readonly kind: 'not_waiting'; readonly status: TaskStatus }
  | { readonly kind: 'refused'; readonly problems: readonly FieldProblem[] };

const waiting: ReadonlySet<TaskStatus> = new Set(['scheduled', 'queued', 'retrying']);

const sameTime = (given: string | null | undefined, is: Date | null): boolean =>
  given === undefined || (given === null ? is === null : is !== null && Date.parse(given) === is.getTime());

const isAhead = (time: string | null, now: Date): time is string => time !== null && Date.parse(time) > now.getTime();

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

const problemsOf = ({ runAt, deadlineAt }: Amendment, task: AmendableTask): FieldProblem[] => {
  const deadline = deadlineAt === undefined ? iso(task.deadlineAt) : deadlineAt;
  if (deadline === null || (runAt === undefined && deadlineAt === undefined)) return [];
  if (deadlineAt !== undefined && !isAhead(deadline, task.now))
    return [{ pointer: '/deadline_at', detail: `Must lie ahead: it is ${task.now.toISOString()}` }];
  const start = runAt === undefined ? iso(task.runAt) : runAt;
  if (!isAhead(start, task.now) || Date.parse(start) < Date.parse(deadline)) return [];
  const [pointer, detail] =
    deadlineAt === undefined
      ? ['/run_at', `Must be before the deadline, ${deadline}`]
      : ['/deadline_at', `Must be after the start, ${start}`];
  return [{ pointer, detail }];
};

// The names are listed from the highest on.
const isHigher = (priority: Priority, than: Priority): boolean =>
  priorities.indexOf(priority) < priorities.indexOf(than);

/**
 * The state after it. A task whose message may be on its way is dispatched again when it got a higher priority: whichever
 * message comes first makes the claim, and the other one finds nothing to do. One that is put off is not claimed, because
 * only `queued` rows are.
 */
const stateAfter = ({ priority, runAt }: Amendment, task: AmendableTask): AmendedState => {
  const now = task.now.toISOString();
  if (task.status === 'retrying')
    return runAt === undefined || runAt === null ? {} : { dueAt: isAhead(runAt, task.now) ? runAt : now };
  if (runAt !== undefined && isAhead(runAt, task.now)) return { status: 'scheduled', dueAt: runAt };
  if (runAt !== undefined && task.status === 'scheduled') return { status: 'queued', dueAt: now };
  const raised = task.status === 'queued' && priority !== undefined && isHigher(priority, task.priority);
  return raised ? { dueAt: now } : {};
};

/** @param tags of the versions that may be changed; undefined: any */
export const amendmentOf = (
  amendment: Amendment,
  task: AmendableTask,
  tags: readonly string[] | undefined,
): AmendmentVerdict => {
  if (tags !== undefined && !tags.includes(task.tag)) return { kind: 'stale', tag: task.tag };
  if (!waiting.has(task.status)) return { kind: 'not_waiting', status: task.status };
  const problems = problemsOf(amendment, task);
  if (problems.length > 0) return { kind: 'refused', problems };
  const samePriority = amendment.priority === undefined || amendment.priority === task.priority;
  if (samePriority && sameTime(amendment.runAt, task.runAt) && sameTime(amendment.deadlineAt, task.deadlineAt))
    return { kind: 'unchanged' };
  return { kind: 'amended', state: stateAfter(amendment, task) };
};
