import { TaskError, type TaskErrorCode } from '@pulser/contracts';

export interface TimeLimit {
  /** Milliseconds from now. */
  readonly inMs: number;
  readonly code: Extract<TaskErrorCode, 'time_limit_exceeded' | 'deadline_exceeded'>;
}

/**
 * How long an attempt may run: as long as its type, or until the task's own deadline when that comes first. Both are
 * durations, not times: this machine's clock may be wrong.
 */
export const timeLimitOf = (byTypeMs: number, deadlineInMs: number | null): TimeLimit =>
  deadlineInMs !== null && deadlineInMs < byTypeMs
    ? { inMs: Math.max(0, deadlineInMs), code: 'deadline_exceeded' }
    : { inMs: byTypeMs, code: 'time_limit_exceeded' };

const texts = {
  time_limit_exceeded: 'The attempt ran longer than tasks of its type may',
  deadline_exceeded: 'The task had not ended by its deadline',
} as const satisfies Record<TimeLimit['code'], string>;

export const outOfTime = ({ code }: TimeLimit): TaskError => new TaskError(code, texts[code]);
