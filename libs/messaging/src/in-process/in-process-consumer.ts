import { settlesWithin } from '@pulser/concurrency';
import type { DeadLetterReason } from '@pulser/contracts';

import type { Consumer, Delivery, OutgoingMessage } from '../broker/broker.js';
import { InProcessDelivery, type DeliveryHolder } from './in-process-delivery.js';
import type { InProcessClient } from './in-process-client.js';
import type { InProcessQueue, Taker } from './in-process-queue.js';
import type { StoredMessage } from './stored-message.js';

/** Takes messages from one queue for one client. */
export class InProcessConsumer implements Consumer, Taker, DeliveryHolder {
  private readonly inHand = new Set<InProcessDelivery>();
  private idle: (() => void) | undefined;

  constructor(
    private readonly client: InProcessClient,
    private readonly queue: InProcessQueue,
    private prefetch: number,
    private readonly onDelivery: (delivery: Delivery) => void,
  ) {}

  get queueName(): string {
    return this.queue.name;
  }

  get running(): number {
    return this.inHand.size;
  }

  get hasRoom(): boolean {
    return this.inHand.size < this.prefetch;
  }

  start(): void {
    this.queue.join(this);
  }

  take(message: StoredMessage): void {
    const delivery = new InProcessDelivery(message, this);
    this.inHand.add(delivery);
    this.onDelivery(delivery);
  }

  async setPrefetch(prefetch: number): Promise<void> {
    this.prefetch = prefetch;
    this.queue.schedule();
    return Promise.resolve();
  }

  async drain(withinMs: number): Promise<void> {
    this.queue.leave(this);
    await settlesWithin(withinMs, this.whenIdle());
    this.abandon();
  }

  /** Gives everything back at once. */
  abandon(): void {
    this.queue.leave(this);
    // Last in, first back: so the queue is in its old order.
    for (const delivery of [...this.inHand].reverse()) {
      delivery.takeBack();
      this.queue.putBack(delivery.message);
    }
    this.inHand.clear();
    this.client.forget(this);
  }

  acked(delivery: InProcessDelivery): void {
    this.inHand.delete(delivery);
    this.queue.schedule();
    if (this.inHand.size === 0) this.idle?.();
  }

  requeued(delivery: InProcessDelivery): void {
    this.queue.putBack(delivery.message);
    this.acked(delivery);
  }

  deadLettered(reason: DeadLetterReason): void {
    this.client.metrics.deadLettered(reason);
  }

  staleAck(): void {
    this.client.metrics.staleAcks(1);
  }

  publish(message: OutgoingMessage): Promise<void> {
    return this.client.publish(message);
  }

  private whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.inHand.size === 0) resolve();
      else this.idle = resolve;
    });
  }
}
