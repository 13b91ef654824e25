import { setTimeout as delay } from 'node:timers/promises';

import { DatabaseUnavailable } from '@pulser/database';

const firstPauseMs = 50;
const maxPauseMs = 2_000;

/**
 * Repeats a write while the database is away: an attempt that has ended waits for it, holding its slot. Should another
 * worker have taken the task over meanwhile, the write does nothing.
 */
export const retryWhileUnavailable = async <T>(write: () => Promise<T>): Promise<T> => {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      await delay(pauseMs * (0.5 + Math.random() / 2));
    }
  }
};
