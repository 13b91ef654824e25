import { agentByTaskType, type DeadLettersThresholdExceeded } from '@pulser/contracts';
import type { Arrivals } from '@pulser/context-bus';

export interface GrowthLimits {
  /** More new letters of one type than this are worth telling. */
  readonly most: number;
  readonly windowS: number;
}

const growthOf = (arrivals: readonly Arrivals[], windowS: number): DeadLettersThresholdExceeded[] => {
  const [top] = arrivals.toSorted((a, b) => b.letters - a.letters);
  if (top === undefined) return [];
  const { taskType, fingerprint } = top;
  const count = arrivals.reduce((sum, { letters }) => sum + letters, 0);
  return [
    { task_type: taskType, agent: agentByTaskType[taskType], count, window_s: windowS, top_fingerprint: fingerprint },
  ];
};

/** The task types of which too many tasks failed within the window. */
export const growing = (
  arrivals: readonly Arrivals[],
  { most, windowS }: GrowthLimits,
): DeadLettersThresholdExceeded[] =>
  [...Map.groupBy(arrivals, ({ taskType }) => taskType).values()]
    .flatMap((ofType) => growthOf(ofType, windowS))
    .filter(({ count }) => count > most);
