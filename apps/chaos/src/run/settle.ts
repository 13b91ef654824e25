import { setTimeout as wait } from 'node:timers/promises';

import type { Stage } from './stage.js';

/**
 * Without any progress for so long it will not settle any more: longer than the 256 s after which the dispatcher looks
 * again at a row, at the latest. With it, it may take longer. Milliseconds.
 */
const stillMs = 300_000;
const patienceMs = 900_000;
const pollMs = 500;

interface Left {
  /** Tasks that have not ended. */
  readonly open: number;
  /** Accepted orders without a row: those on the broker may be on their way. */
  readonly missing: number;
}

const left = async ({ rows, truth }: Stage): Promise<Left> => {
  const open = await rows.open();
  // A look at every row: only when all else is done.
  return { open, missing: open > 0 ? 0 : await rows.missing(truth.all.map(({ ref }) => ref)) };
};

/** Resolves when no task is open and every accepted one has its row, or after a bounded time. @returns whether so */
export const settle = async (stage: Stage): Promise<boolean> => {
  const end = performance.now() + patienceMs;
  let least = Infinity;
  let lastProgress = performance.now();
  while (performance.now() < Math.min(end, lastProgress + stillMs)) {
    const { open, missing } = await left(stage);
    if (open + missing === 0) return true;
    if (open + missing < least) {
      least = open + missing;
      lastProgress = performance.now();
    }
    await wait(pollMs);
  }
  return false;
};
