// The way to wait in specs.
import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long to go on trying, in milliseconds. A minute unless said otherwise: on a busy machine all takes ten times as long. */
  readonly timeoutMs?: number;
  /** Pause between two tries, in milliseconds. */
  readonly everyMs?: number;
}

/**
 * Retries `assertion` until it stops throwing and resolves with what it returned.
 * @throws the last error of `assertion` once `timeoutMs` have passed.
 */
export const eventually = async <Result>(
  assertion: () => Result | Promise<Result>,
  { timeoutMs = 60_000, everyMs = 25 }: EventuallyOptions = {},
): Promise<Result> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await pause(everyMs);
  }
};
