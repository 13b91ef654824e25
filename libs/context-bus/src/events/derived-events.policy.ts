import { hasEnded, type TaskEventView } from '@pulser/contracts';

import type { TaskEntity } from '../tasks/task.entity.js';
import { endSeq, type NumberedEvent, seqOf } from './event-order.policy.js';

type State = Pick<
  TaskEntity,
  'status' | 'createdAt' | 'runAt' | 'startedAt' | 'completedAt' | 'epoch' | 'attempts' | 'error'
>;

const status = (seq: number, at: Date, event: Omit<Extract<TaskEventView, { type: 'status' }>, 'type' | 'at'>) => ({
  seq,
  event: { type: 'status' as const, at: at.toISOString(), ...event },
});

const submitted = ({ runAt, createdAt }: State): NumberedEvent =>
  status(0, createdAt, {
    status: runAt !== null && runAt > createdAt ? 'scheduled' : 'queued',
    attempt: 0,
  });

// An attempt that was taken away (cancel, deadline) ended under the next epoch.
const runningEpoch = (task: State): number =>
  task.status === 'cancelled' || tookAway(task) ? task.epoch - 1 : task.epoch;

const tookAway = ({ error }: State): boolean => error?.code === 'deadline_exceeded' || error?.code === 'worker_lost';

const started = (task: State): NumberedEvent[] => {
  const { startedAt, attempts } = task;
  const visible = task.status === 'running' || hasEnded(task.status);
  if (startedAt === null || attempts === 0 || !visible) return [];
  return [status(seqOf(runningEpoch(task), 0), startedAt, { status: 'running', attempt: attempts })];
};

const ended = (task: State): NumberedEvent[] =>
  task.completedAt === null
    ? []
    : [
        status(endSeq(task.epoch), task.completedAt, {
          status: task.status,
          attempt: task.attempts,
          ...(task.error !== null && { error: task.error }),
        }),
      ];

/**
 * The events that the row itself tells: submission, start of the newest attempt, end. So an ordinary task costs no event
 * row at all. Earlier attempts stand in `task_event`.
 */
export const derivedEvents = (task: State): NumberedEvent[] => [submitted(task), ...started(task), ...ended(task)];
