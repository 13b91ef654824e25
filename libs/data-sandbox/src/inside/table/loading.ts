// How sources are read: within which bounds, and with memory given back in between.
import type { Bounds } from '../job/job.js';
import type { RefusedRows } from './refused-rows.js';

/** Above this the garbage of reading is collected at once, in bytes: the query needs the room. */
const collectAbove = 192 * 1_048_576;

export const collectGarbage = (): void => {
  if (process.memoryUsage.rss() > collectAbove) globalThis.gc?.();
};

/** How the sources of a job are read. */
export interface Loading {
  readonly bounds: Bounds;
  readonly trusted: boolean;
  readonly refused: RefusedRows | undefined;
}
