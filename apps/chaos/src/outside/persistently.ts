import { setTimeout as wait } from 'node:timers/promises';

const pauseMs = 150;

/**
 * Calls again until it works: what an agent does that speaks to a service which may be down. Ends with the attempt.
 * @throws the reason of the signal once it is aborted
 */
export const persistently = async (work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    try {
      await work();
      return;
    } catch {
      await wait(pauseMs);
    }
  }
};
