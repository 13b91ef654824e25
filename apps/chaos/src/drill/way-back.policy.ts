// The way back of an agent that failed: small parts of its tasks first, after a cool-down.
import type { EndedTask, HealthChange } from './observations.js';

/** As the health services have them. Milliseconds. */
export interface WayBackLimits {
  readonly coolDownMs: number;
  readonly stepMs: number;
}

/** A time in which a part of its tasks went to the agent. */
export interface Step {
  /** Percent. */
  readonly share: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Tasks that were submitted and began in it, and those of them that the agent ran itself. */
  readonly tasks: number;
  readonly own: number;
}

/** What every way back takes, percent. */
const shares = [0, 1, 10, 50, 100] as const;

/** Routers follow a new share within so long. Milliseconds. */
const followMs = 1_000;

/** From the last time that the agent got none of its tasks. @param changes oldest first */
export const stepsOf = (agent: string, changes: readonly HealthChange[], tasks: readonly EndedTask[]): Step[] => {
  const begun = changes.filter(({ share }, n) => share !== changes[n - 1]?.share);
  const since = begun.slice(
    Math.max(
      0,
      begun.findLastIndex(({ share }) => share === 0),
    ),
  );
  return since.map(({ share, at }, n) => {
    const next = since[n + 1]?.at ?? Infinity;
    // One that waits longer is routed by a later share.
    const within = tasks.filter(
      ({ createdAt, startedAt }) => createdAt >= at + followMs && (startedAt ?? Infinity) < next,
    );
    return { share, at, tasks: within.length, own: within.filter((task) => task.agent === agent).length };
  });
};

/** What a round decides is written at its end, which is late on a loaded machine. Milliseconds. */
const writtenMs = 3_000;

const tooEarly = (steps: readonly Step[], calmAt: number, { coolDownMs, stepMs }: WayBackLimits): string[] =>
  steps.slice(1).flatMap(({ share, at }, n) => {
    const [from, leastMs] = n === 0 ? [calmAt, coolDownMs] : [steps[n]?.at ?? 0, stepMs];
    return at - from >= leastMs - writtenMs
      ? []
      : [`${share} % of its tasks came back after ${Math.round(at - from)} ms already`];
  });

/** Chance moves it by five standard deviations and two tasks at most. */
const isWithin = ({ share, tasks, own }: Step): boolean => {
  const part = share / 100;
  return Math.abs(own - tasks * part) <= 5 * Math.sqrt(tasks * part * (1 - part)) + 2;
};

/** What was not as promised, in words. */
export const wayBackTroubles = (
  steps: readonly Step[],
  changes: readonly HealthChange[],
  limits: WayBackLimits,
): string[] => {
  const went = steps.map(({ share }) => share);
  if (went.join() !== shares.join()) return [`its tasks came back by ${went.join(', ')} %, not ${shares.join(', ')}`];
  const lastBad = changes.findLastIndex(({ status }) => status === 'unhealthy');
  const calmAt = changes[lastBad + 1]?.at ?? Infinity;
  return [
    ...tooEarly(steps, calmAt, limits),
    ...steps
      .filter(({ share }) => share > 0 && share < 100)
      .filter((step) => !isWithin(step))
      .map(({ share, tasks, own }) => `of ${tasks} tasks ${own} came to it when ${share} % should have`),
  ];
};
