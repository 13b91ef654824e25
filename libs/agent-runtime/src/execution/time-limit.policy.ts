import { TaskError, type TaskErrorCode, type TaskType, timeLimitMs } from '@pulser/contracts';

export interface TimeLimit {
  readonly end: Date;
  readonly code: Extract<TaskErrorCode, 'time_limit_exceeded' | 'deadline_exceeded'>;
}

/** When an attempt must have ended: the limit of its type, or the task's own deadline when that comes first. */
export const timeLimitOf = (taskType: TaskType, deadlineAt: Date | null, now: Date): TimeLimit => {
  const byType = new Date(now.getTime() + timeLimitMs[taskType]);
  return deadlineAt !== null && deadlineAt < byType
    ? { end: deadlineAt, code: 'deadline_exceeded' }
    : { end: byType, code: 'time_limit_exceeded' };
};

const texts = {
  time_limit_exceeded: 'The attempt ran longer than tasks of its type may',
  deadline_exceeded: 'The task had not ended by its deadline',
} as const satisfies Record<TimeLimit['code'], string>;

export const outOfTime = ({ code }: TimeLimit): TaskError => new TaskError(code, texts[code]);
