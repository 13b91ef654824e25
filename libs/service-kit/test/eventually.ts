/** Waits until `expectation` no longer throws; its last error after a minute. */
export const eventually = async (expectation: () => void | Promise<void>): Promise<void> => {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
};
