import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits for something that may never answer, at most so many milliseconds; whether it came to an end, well or badly.
 * amqplib's replies never come when the socket dies at the wrong moment.
 */
export const within = async (ms: number, work: Promise<unknown>): Promise<boolean> => {
  const enough = new AbortController();
  const timeUp = wait(ms, false, { signal: enough.signal }).catch(() => false);
  const ended = work.then(
    () => true,
    () => true,
  );
  return Promise.race([ended, timeUp]).finally(() => {
    enough.abort();
  });
};
