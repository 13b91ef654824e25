// The way to wait in specs.
import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long to go on trying, in milliseconds. A minute unless said otherwise: on a busy machine all takes ten times as long. */
  readonly timeoutMs?: number;
  /** Pause between the first tries, in milliseconds. */
  readonly everyMs?: number;
}

/**
 * What was waited for long is seldom over in the next moment: a try costs the services it asks, and the words of a failure.
 * @param waitedMs since the first try
 */
const pauseAfter = (waitedMs: number, everyMs: number): number =>
  Math.max(everyMs, Math.min(waitedMs / 10, longestPauseMs));

const longestPauseMs = 100;

/**
 * Retries `assertion` until it stops throwing and resolves with what it returned.
 * @throws the last error of `assertion` once `timeoutMs` have passed.
 */
export const eventually = async <Result>(
  assertion: () => Result | Promise<Result>,
  { timeoutMs = 60_000, everyMs = 25 }: EventuallyOptions = {},
): Promise<Result> => {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() - startedAt >= timeoutMs) throw error;
    }
    await pause(pauseAfter(performance.now() - startedAt, everyMs));
  }
};
