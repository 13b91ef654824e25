/** Milliseconds that a handler gets to end after its attempt was aborted. */
export const graceMs = 2_000;

/** Whether what runs has settled when the grace is over. */
export const endsWithinGrace = async (running: Promise<unknown>): Promise<boolean> => {
  const late = Promise.withResolvers<false>();
  // Nothing waits for the grace when the process can end.
  const timer = setTimeout(late.resolve, graceMs, false).unref();
  const ended = running.then(
    () => true,
    () => true,
  );
  return Promise.race([ended, late.promise]).finally(() => {
    clearTimeout(timer);
  });
};
