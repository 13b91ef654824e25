import type { Consumer } from '../broker/broker.js';

/** Milliseconds for which a subscription stays open when no user is left: the next one often comes soon. */
const keepOpenMs = 5_000;

/**
 * A subscription that is open only while its messages are used: nobody publishes to a queue, and the broker copies no
 * message, for a service that has no use for it. The server that has the subscription opens and closes it.
 */
export class OnDemand {
  private users = 0;
  private consumer: Promise<Consumer | undefined> | undefined;
  private idle: NodeJS.Timeout | undefined;
  private consume: (() => Promise<Consumer>) | undefined;

  /**
   * One more user. Resolves when messages flow to it; at once while the broker is down (they flow when it is back), and
   * when the broker refuses: then the next user tries again.
   */
  async acquire(): Promise<void> {
    this.users += 1;
    clearTimeout(this.idle);
    await (this.consumer ??= this.opened());
  }

  /** One user less. */
  release(): void {
    this.users -= 1;
    if (this.users === 0) this.idle = setTimeout(() => void this.drain(0), keepOpenMs).unref();
  }

  /** @param consume starts to consume; called again after each time it was closed */
  serveWith(consume: () => Promise<Consumer>): void {
    this.consume = consume;
  }

  /** See Consumer.drain. */
  async drain(withinMs: number): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    await (await consumer)?.drain(withinMs);
  }

  private async opened(): Promise<Consumer | undefined> {
    try {
      return await this.consume?.();
    } catch {
      this.consumer = undefined;
      return undefined;
    }
  }
}
