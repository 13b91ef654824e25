import type { DeadLetterReason } from '@pulser/contracts';

import type { Delivery, OutgoingMessage } from '../broker/broker.js';
import { deadLetterOf } from '../broker/dead-letter.policy.js';
import type { StoredMessage } from './stored-message.js';

/** The consumer that a delivery belongs to. */
export interface DeliveryHolder {
  readonly queueName: string;
  acked(delivery: InProcessDelivery): void;
  requeued(delivery: InProcessDelivery): void;
  deadLettered(reason: DeadLetterReason): void;
  staleAck(): void;
  publish(message: OutgoingMessage): Promise<void>;
}

const noHeaders = {};

/** A message in hand. */
export class InProcessDelivery implements Delivery {
  readonly redelivered: boolean;
  private settled = false;
  private takenBack = false;

  constructor(
    readonly message: StoredMessage,
    private readonly holder: DeliveryHolder,
  ) {
    this.redelivered = message.redelivered;
  }

  get body(): Buffer {
    return this.message.sent.body;
  }

  get headers(): Readonly<Record<string, unknown>> {
    return this.message.sent.headers ?? noHeaders;
  }

  get exchange(): string {
    return this.message.sent.exchange;
  }

  get routingKey(): string {
    return this.message.sent.routingKey;
  }

  get messageId(): string | undefined {
    return this.message.sent.messageId;
  }

  get contentType(): string | undefined {
    return this.message.sent.contentType;
  }

  get priority(): number | undefined {
    return this.message.sent.priority;
  }

  get queue(): string {
    return this.holder.queueName;
  }

  get stale(): boolean {
    return this.takenBack;
  }

  /** The queue has the message again. */
  takeBack(): void {
    this.takenBack = true;
  }

  ack(): void {
    if (this.settle()) this.holder.acked(this);
  }

  requeue(): void {
    if (this.settle()) this.holder.requeued(this);
  }

  async deadLetter(reason: DeadLetterReason, detail?: string): Promise<void> {
    if (this.settled) return;
    if (!this.takenBack) {
      await this.holder.publish(deadLetterOf(this, reason, detail));
      this.holder.deadLettered(reason);
    }
    this.ack();
  }

  private settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    if (this.takenBack) this.holder.staleAck();
    return !this.takenBack;
  }
}
