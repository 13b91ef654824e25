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
