/**
 * Runs `work` with a signal that fires when the time is over (then with `late()` as its reason) or the caller does not want
 * it any more. Rejects with that reason at once, even when the work does not listen.
 */
export const withDeadline = async <T>(
  { ms, caller, late }: { ms: number; caller: AbortSignal | undefined; late: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const timer = new AbortController();
  const timeout = setTimeout(() => {
    timer.abort(late());
  }, ms);
  const signal = caller === undefined ? timer.signal : AbortSignal.any([caller, timer.signal]);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work(signal), stopped]);
  } finally {
    clearTimeout(timeout);
    signal.removeEventListener('abort', stop);
  }
};
