import type { Priority } from '@pulser/contracts';

export interface WindowLimits {
  /** Seconds of work that the queue may hold. */
  readonly seconds: number;
  readonly max: number;
}

/** What the heartbeats say of an agent's workers together. */
export interface Workforce {
  readonly slots: number;
  /** Tasks a second; undefined until it was measured. */
  readonly rate: number | undefined;
}

const untilMeasured = 256;
const spare = 8;

/** How many messages an agent's queue may hold: a few seconds of its work, and enough that no slot waits for the next. */
export const windowOf = ({ slots, rate }: Workforce, { seconds, max }: WindowLimits): number =>
  rate === undefined ? untilMeasured : Math.min(max, Math.max(2 * slots + spare, Math.ceil(rate * seconds)));

// A full window of low tasks still lets high ones in, and the broker puts them first.
const share = { low: 1, medium: 1.5, high: 2 } as const satisfies Record<Priority, number>;

/** How many more messages of this priority fit into a queue that holds `depth`. */
export const roomFor = (priority: Priority, window: number, depth: number): number =>
  Math.max(0, Math.floor(window * share[priority]) - depth);

/** Seconds. So little work may wait in a worker behind the rest of its message. */
const batchWindowS = 0.01;
const maxBatch = 32;

/**
 * How many tasks may share a message: no more than the agent's workers end in an instant, for a task that waits behind
 * another one of its message waits although another worker may be free.
 */
export const tasksPerMessage = ({ rate }: Workforce): number =>
  rate === undefined ? 1 : Math.max(1, Math.min(maxBatch, Math.floor(rate * batchWindowS)));
