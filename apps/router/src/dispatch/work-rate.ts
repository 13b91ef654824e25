// How fast an agent's workers are together, measured by their heartbeats, and how many tasks may wait for them.
import type { AgentHeartbeat, Priority } from '@pulser/contracts';
import type { LiveWorkers, Workforce as Workers } from '@pulser/messaging';

/** What an agent's workers can do together. */
export interface Workforce extends Workers {
  /** Tasks per second; undefined until it was measured. */
  readonly rate: number | undefined;
}

/** Weight of the newest measurement in the mean. */
const weight = 0.5;

/** Measures an agent's workers by their heartbeats. Those that are silent are not counted. */
export class WorkRate {
  private rate: number | undefined;

  constructor(
    private readonly agent: string,
    private readonly workers: LiveWorkers,
  ) {}

  /**
   * @param now of a monotonic clock, milliseconds
   * @param waiting whether more work waited than one worker runs at a time: only then, or while all slots of the worker
   * are in use, does a low rate mean slow workers and not idle ones
   */
  heard(heartbeat: AgentHeartbeat, now: number, waiting: boolean): void {
    const isNew = this.workers.rateOf(heartbeat.instance) === undefined;
    this.workers.heard(heartbeat, now);
    if (!isNew) this.measure(now, waiting || heartbeat.running >= heartbeat.slots);
  }

  /** @param now of a monotonic clock, milliseconds */
  workforceAt(now: number): Workforce {
    return { ...this.workers.workforceOf(this.agent, now), rate: this.rate };
  }

  private measure(now: number, saturated: boolean): void {
    const measured = this.workers.finishedPerSecond(this.agent, now);
    if (this.rate === undefined) this.rate = measured > 0 || saturated ? measured : undefined;
    else if (saturated) this.rate += weight * (measured - this.rate);
    else this.rate = Math.max(this.rate, measured);
  }
}

export interface WindowLimits {
  /** Seconds of work that the queue may hold. */
  readonly seconds: number;
  /** Tasks, however fast the workers are. */
  readonly max: number;
}

const untilMeasured = 256;
const spare = 8;

/** How many tasks an agent's queue may hold: a few seconds of its work, and enough that no slot waits for the next. */
export const windowOf = ({ slots, rate }: Pick<Workforce, 'slots' | 'rate'>, { seconds, max }: WindowLimits): number =>
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
export const tasksPerMessage = ({ rate }: Pick<Workforce, 'slots' | 'rate'>): number =>
  rate === undefined ? 1 : Math.max(1, Math.min(maxBatch, Math.floor(rate * batchWindowS)));
