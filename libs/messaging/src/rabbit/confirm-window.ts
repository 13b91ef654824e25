import { BrokerUnavailable } from '../broker/broker-unavailable.js';
import type { PendingPublish } from './pending-publish.js';
import type { RabbitSettings } from './rabbit-options.js';

type Limits = Pick<RabbitSettings, 'confirmTimeoutMs' | 'maxUnconfirmed' | 'maxUnconfirmedBytes' | 'metrics'>;

/**
 * What the broker has not confirmed: bounded in number and bytes, and given up after a time.
 *
 * A message that is given up keeps its place until the broker or the end of the channel lets go of it: it still lies in
 * a buffer, and a blocked broker must not make that grow.
 */
export class ConfirmWindow {
  private readonly held = new Set<PendingPublish>();
  private bytes = 0;
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly limits: Limits) {
    // One timer for all messages; they expire in the order in which they came.
    this.sweeper = setInterval(
      () => {
        this.sweep(performance.now());
      },
      Math.max(20, limits.confirmTimeoutMs / 20),
    );
    this.sweeper.unref();
  }

  get size(): number {
    return this.held.size;
  }

  hasRoomFor(bytes: number): boolean {
    return this.held.size < this.limits.maxUnconfirmed && this.bytes + bytes <= this.limits.maxUnconfirmedBytes;
  }

  add(pending: PendingPublish): void {
    this.held.add(pending);
    this.bytes += pending.message.body.length;
  }

  release(pending: PendingPublish): void {
    if (this.held.delete(pending)) this.bytes -= pending.message.body.length;
  }

  close(): void {
    clearInterval(this.sweeper);
  }

  private sweep(now: number): void {
    for (const pending of this.held) {
      if (pending.deadline > now) return;
      if (pending.settled) continue;
      this.limits.metrics.confirmTimedOut();
      pending.fail(new BrokerUnavailable(`no confirm within ${this.limits.confirmTimeoutMs} ms`));
    }
  }
}
