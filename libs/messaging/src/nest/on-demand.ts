import { settlesWithin } from '@pulser/concurrency';

import type { Consumer } from '../broker/broker.js';

/** Milliseconds for which a subscription stays open when no user is left: the next one often comes soon. */
const keepOpenMs = 5_000;

/** Milliseconds that a user waits at most for a broker that does not answer: it looks again by itself. */
const maxWaitMs = 1_000;

/**
 * A subscription that is open only while its messages are used: nobody publishes to a queue, and the broker copies no
 * message, for a service that has no use for it. The server that has the subscription opens and closes it.
 */
export class OnDemand {
  private users = 0;
  private consumer: Promise<Consumer | undefined> | undefined;
  private isOpen = false;
  private idle: NodeJS.Timeout | undefined;
  private consume: (() => Promise<Consumer>) | undefined;

  /**
   * One more user. Resolves when messages flow to it, after a second at the latest; at once while the broker is down (they
   * flow when it is back), and when the broker refuses: then the next user tries again.
   */
  async acquire(): Promise<void> {
    this.users += 1;
    clearTimeout(this.idle);
    const consumer = (this.consumer ??= this.opened());
    if (!this.isOpen) await settlesWithin(maxWaitMs, consumer);
  }

  /** One user less. */
  release(): void {
    this.users -= 1;
    if (this.users === 0) this.idle = setTimeout(() => void this.close(0), keepOpenMs).unref();
  }

  /** @param consume starts to consume; called again after each time it was closed */
  serveWith(consume: () => Promise<Consumer>): void {
    this.consume = consume;
  }

  /** For good. See Consumer.drain. */
  async drain(withinMs: number): Promise<void> {
    this.consume = undefined;
    clearTimeout(this.idle);
    await this.close(withinMs);
  }

  private async close(withinMs: number): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    this.isOpen = false;
    await (await consumer)?.drain(withinMs);
  }

  private opened(): Promise<Consumer | undefined> {
    // Each outcome counts only while no other consumer was opened meanwhile.
    const opening: Promise<Consumer | undefined> = Promise.resolve(this.consume?.()).then(
      (consumer) => {
        this.isOpen ||= this.consumer === opening;
        return consumer;
      },
      () => {
        if (this.consumer === opening) this.consumer = undefined;
        return undefined;
      },
    );
    return opening;
  }
}
