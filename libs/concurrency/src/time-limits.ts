import { setTimeout as wait } from 'node:timers/promises';

/** Rejects when `work` takes longer than `limitMs` milliseconds; the work itself goes on. */
export const withTimeLimit = async <T>(work: Promise<T>, limitMs: number): Promise<T> => {
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`not done within ${limitMs} ms`));
  }, limitMs);
  return Promise.race([work, tooLong]).finally(() => {
    clearTimeout(timer);
  });
};

/**
 * Whether `work` settles, well or badly, within so many milliseconds. Never rejects.
 * @param ref false: the process may end although the time is not up
 */
export const settlesWithin = async (ms: number, work: Promise<unknown>, { ref = true } = {}): Promise<boolean> => {
  const enough = new AbortController();
  const timeUp = wait(ms, false, { signal: enough.signal, ref }).catch(() => false);
  const ended = work.then(
    () => true,
    () => true,
  );
  return Promise.race([ended, timeUp]).finally(() => {
    enough.abort();
  });
};
