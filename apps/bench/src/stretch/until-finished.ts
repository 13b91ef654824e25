import { setTimeout as wait } from 'node:timers/promises';

import type { Running } from '../contestants/contestant.js';

/** How long tasks may take after the last was accepted, in milliseconds. */
const patienceMs = 300_000;
const pollMs = 20;

/** Resolves when so many tasks have ended. @throws when they do not for long */
export const untilFinished = async (running: Running, wanted: number): Promise<void> => {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const finished = await running.finished();
    if (finished >= wanted) return;
    if (performance.now() > deadline) throw new Error(`${wanted - finished} of ${wanted} tasks were not finished`);
    await wait(pollMs);
  }
};
