// What an agent's workers do together, measured by their heartbeats, and how many tasks may wait for them.
import type { AgentHeartbeat, Priority } from '@pulser/contracts';

/** What an agent's workers can do together. */
export interface Workforce {
  /** Tasks that they run at a time. */
  readonly slots: number;
  /** Tasks per second; undefined until it was measured. */
  readonly rate: number | undefined;
}

/** A worker without a heartbeat for this long, in milliseconds, is not counted any more. */
const silentMs = 5_000;
/** Weight of the newest measurement in the mean. */
const weight = 0.5;

interface Worker {
  readonly slots: number;
  readonly finished: number;
  readonly seenAt: number;
  readonly rate: number;
}

/** Measures an agent's workers by their heartbeats. */
export class WorkRate {
  private readonly workers = new Map<string, Worker>();
  private rate: number | undefined;

  /**
   * @param now of a monotonic clock, milliseconds
   * @param waiting whether more work waited than one worker runs at a time: only then, or while all slots of the worker
   * are in use, does a low rate mean slow workers and not idle ones
   */
  heard({ instance, slots, running, finished_total }: AgentHeartbeat, now: number, waiting: boolean): void {
    const before = this.workers.get(instance);
    const seconds = before === undefined ? 0 : (now - before.seenAt) / 1_000;
    const rate = before === undefined || seconds === 0 ? 0 : (finished_total - before.finished) / seconds;
    this.workers.set(instance, { slots, finished: finished_total, seenAt: now, rate });
    this.forgetSilent(now);
    if (before !== undefined) this.measure(waiting || running >= slots);
  }

  get workforce(): Workforce {
    return { slots: sum(this.workers, ({ slots }) => slots), rate: this.rate };
  }

  private measure(saturated: boolean): void {
    const measured = sum(this.workers, ({ rate }) => rate);
    if (this.rate === undefined) this.rate = measured > 0 || saturated ? measured : undefined;
    else if (saturated) this.rate += weight * (measured - this.rate);
    else this.rate = Math.max(this.rate, measured);
  }

  private forgetSilent(now: number): void {
    for (const [instance, { seenAt }] of this.workers) if (now - seenAt > silentMs) this.workers.delete(instance);
  }
}

const sum = (workers: ReadonlyMap<string, Worker>, value: (worker: Worker) => number): number =>
  [...workers.values()].reduce((total, worker) => total + value(worker), 0);

export interface WindowLimits {
  /** Seconds of work that the queue may hold. */
  readonly seconds: number;
  /** Tasks, however fast the workers are. */
  readonly max: number;
}

const untilMeasured = 256;
const spare = 8;

/** How many tasks an agent's queue may hold: a few seconds of its work, and enough that no slot waits for the next. */
export const windowOf = ({ slots, rate }: Workforce, { seconds, max }: WindowLimits): number =>
  rate === undefined ? untilMeasured : Math.min(max, Math.max(2 * slots + spare, Math.ceil(rate * seconds)));

// A window full of low tasks still lets high ones in, and the broker delivers those first.
const headroom = { low: 1, medium: 1.5, high: 2 } as const satisfies Record<Priority, number>;

/** How many more tasks of this priority fit into a queue that holds `depth`. */
export const roomFor = (priority: Priority, window: number, depth: number): number =>
  Math.max(0, Math.floor(window * headroom[priority]) - depth);

/** Seconds of work that may wait in a worker behind the first task of a message. */
const batchWindowS = 0.01;
const maxBatch = 100;

/**
 * How many tasks may share a message: no more than the agent's workers finish within 10 ms, because a task behind another
 * one of its message waits although another worker may be free.
 */
export const tasksPerMessage = ({ rate }: Workforce): number =>
  rate === undefined ? 1 : Math.max(1, Math.min(maxBatch, Math.floor(rate * batchWindowS)));
