import { setTimeout as wait } from 'node:timers/promises';

import type { Stage } from './stage.js';

const patienceMs = 150_000;
const pollMs = 250;

/** Resolves when no task is open and every accepted one has its row, or after a bounded time. @returns whether so */
export const settle = async ({ rows, truth }: Stage): Promise<boolean> => {
  const deadline = performance.now() + patienceMs;
  const wanted = truth.all.map(({ ref }) => ref);
  while (performance.now() < deadline) {
    const missing = await rows.missing(wanted).catch(() => undefined);
    const open = await rows.open().catch(() => undefined);
    if (missing === 0 && open === 0) return true;
    await wait(pollMs);
  }
  return false;
};
