/** Servers and processes must not outlive a run that is interrupted. */
export const onInterrupt = (abandon: () => Promise<void>): void => {
  const stop = (): void => {
    void abandon().finally(() => {
      process.exit(130);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
};
