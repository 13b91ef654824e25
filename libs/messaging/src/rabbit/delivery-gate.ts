import type { ConsumeChannel } from './consume-channel.js';
import type { RabbitDelivery } from './rabbit-delivery.js';

/**
 * Hands out no more deliveries at a time than the prefetch, whatever came over how many channels: while one channel
 * takes over from another both may have brought that many.
 */
export class DeliveryGate {
  private inHand = 0;
  private open = true;
  private pumping = false;
  private waiting: RabbitDelivery[] = [];
  private idle: (() => void) | undefined;

  constructor(
    private limit: number,
    private readonly handOut: (delivery: RabbitDelivery) => void,
  ) {}

  get running(): number {
    return this.inHand;
  }

  offer(delivery: RabbitDelivery): void {
    if (!this.open) return;
    this.waiting.push(delivery);
    this.pump();
  }

  settled(): void {
    this.inHand--;
    this.pump();
    if (this.inHand === 0) this.idle?.();
  }

  resize(limit: number): void {
    this.limit = limit;
    this.pump();
  }

  /** Gives back what came over a channel and was not handed out. */
  giveBack(channel: ConsumeChannel): void {
    const gone = this.waiting.filter((delivery) => delivery.channel === channel);
    this.waiting = this.waiting.filter((delivery) => delivery.channel !== channel);
    for (const delivery of gone) delivery.giveBack();
  }

  /** What waits is not handed out any more: it stays unsettled and goes back with its channel. */
  close(): void {
    this.open = false;
    this.waiting = [];
  }

  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.inHand === 0) resolve();
      else this.idle = resolve;
    });
  }

  private pump(): void {
    // What is handed out may be settled within that very call.
    if (this.pumping) return;
    this.pumping = true;
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) {
        this.inHand++;
        this.handOut(next);
      }
    } finally {
      this.pumping = false;
    }
  }

  private next(): RabbitDelivery | undefined {
    if (this.inHand >= this.limit) return undefined;
    const next = this.waiting.shift();
    return next?.stale === true ? this.next() : next;
  }
}
