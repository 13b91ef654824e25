import type { FinishedTask } from '@pulser/agent-runtime/skill';

import { type Durations, durationsOf } from '../statistics/quantiles.policy.js';
import { proportion, type Proportion } from '../statistics/proportions.policy.js';
import { groupBy, judged, succeeded, taskName } from './history.js';

export interface KindSummary {
  readonly task: string;
  readonly tasks: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Of those that were not cancelled; missing when all were. */
  readonly success?: Proportion;
  readonly duration?: Durations;
  readonly error_codes: Readonly<Record<string, number>>;
}

export interface HistorySummary {
  readonly tasks: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Submission of the oldest and the newest. */
  readonly from: string | null;
  readonly to: string | null;
  /** Most frequent first. */
  readonly by_task: readonly KindSummary[];
}

const count = (tasks: readonly FinishedTask[], status: FinishedTask['status']): number =>
  tasks.filter((task) => task.status === status).length;

const counts = (tasks: readonly FinishedTask[]): Record<'tasks' | FinishedTask['status'], number> => ({
  tasks: tasks.length,
  completed: count(tasks, 'completed'),
  failed: count(tasks, 'failed'),
  cancelled: count(tasks, 'cancelled'),
});

/** Counts of a history, oldest first. */
export const summaryOf = (tasks: readonly FinishedTask[]): HistorySummary => ({
  ...counts(tasks),
  from: tasks[0]?.createdAt ?? null,
  to: tasks.at(-1)?.createdAt ?? null,
  by_task: [...groupBy(tasks, taskName)]
    .map(([task, ofKind]) => ({ task, ...counts(ofKind), ...outcomes(ofKind) }))
    .sort((a, b) => b.tasks - a.tasks || (a.task < b.task ? -1 : 1)),
});

const outcomes = (tasks: readonly FinishedTask[]): Pick<KindSummary, 'success' | 'duration' | 'error_codes'> => {
  const ended = judged(tasks);
  const duration = durationsOf(ended.filter(succeeded).map(({ runMs }) => runMs));
  const codes = [
    ...groupBy(
      tasks.flatMap(({ errorCode }) => errorCode ?? []),
      (code) => code,
    ),
  ];
  return {
    ...(ended.length > 0 && { success: proportion(ended.filter(succeeded).length, ended.length) }),
    ...(duration !== undefined && { duration }),
    error_codes: Object.fromEntries(codes.map(([code, all]) => [code, all.length])),
  };
};
