import type { Running } from '../contestants/contestant.js';

/** Measures something that runs, and stops it whatever comes of it. */
export const whileRunning = async <R extends Running, T>(
  started: Promise<R>,
  work: (running: R) => Promise<T>,
): Promise<T> => {
  const running = await started;
  let outcome: T;
  try {
    outcome = await work(running);
  } catch (error) {
    // What went wrong first is what is told.
    await running.stop().catch(() => undefined);
    throw error;
  }
  await running.stop();
  return outcome;
};
