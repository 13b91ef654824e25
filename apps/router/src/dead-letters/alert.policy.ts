import type { Arrivals } from '@pulser/context-bus';
import type { DeadLettersThresholdExceeded } from '@pulser/contracts';

export interface AlertLimits {
  /** More new dead letters of one task type than this are worth an alert. */
  readonly max: number;
  readonly windowS: number;
}

const alertOf = (arrivals: readonly Arrivals[], windowS: number): DeadLettersThresholdExceeded[] => {
  const [top] = arrivals.toSorted((a, b) => b.count - a.count);
  if (top === undefined) return [];
  const { taskType, agent, fingerprint } = top;
  const count = arrivals.reduce((sum, each) => sum + each.count, 0);
  return [{ task_type: taskType, agent, count, window_s: windowS, top_fingerprint: fingerprint }];
};

/** An alert for each task type of which too many tasks failed within the window. */
export const alertsOf = (
  arrivals: readonly Arrivals[],
  { max, windowS }: AlertLimits,
): DeadLettersThresholdExceeded[] =>
  [...Map.groupBy(arrivals, ({ taskType }) => taskType).values()]
    .flatMap((ofType) => alertOf(ofType, windowS))
    .filter(({ count }) => count > max);
