import type { AgentHeartbeat } from '@pulser/contracts';

import type { Workforce } from './window.policy.js';

/** A worker that has said nothing for this long is not counted, in milliseconds. */
const silentMs = 5_000;
/** Weight of the newest measurement. */
const weight = 0.5;

interface Worker {
  readonly slots: number;
  readonly finished: number;
  readonly seenAt: number;
  readonly rate: number;
}

/** How fast an agent's workers are, from their heartbeats. */
export class WorkRate {
  private readonly workers = new Map<string, Worker>();
  private rate: number | undefined;

  /**
   * @param now of a monotonic clock, milliseconds
   * @param saturated whether work was waiting: only then does a low rate mean slow workers and not idle ones
   */
  heard({ instance, slots, finished_total }: AgentHeartbeat, now: number, saturated: boolean): void {
    const before = this.workers.get(instance);
    const seconds = before === undefined ? 0 : (now - before.seenAt) / 1_000;
    const rate = before === undefined || seconds === 0 ? 0 : (finished_total - before.finished) / seconds;
    this.workers.set(instance, { slots, finished: finished_total, seenAt: now, rate });
    this.forgetSilent(now);
    if (before !== undefined) this.measure(saturated);
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
