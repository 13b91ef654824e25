import type { DeadLetterReason } from '@pulser/contracts';
import type { ConsumeMessage } from 'amqplib';

import type { Delivery, OutgoingMessage } from '../broker/broker.js';
import type { BrokerMetrics } from '../broker/broker-metrics.js';
import { deadLetterOf } from '../broker/dead-letter.policy.js';
import type { ConsumeChannel } from './consume-channel.js';
import type { WireNames } from './wire-names.js';

/** What all deliveries of a consumer share. */
export interface DeliveryOwner {
  readonly queue: string;
  readonly names: WireNames;
  readonly metrics: BrokerMetrics;
  publish(message: OutgoingMessage): Promise<void>;
  settled(): void;
}

const noHeaders = {};

/** A message bound to the channel that delivered it. */
export class RabbitDelivery implements Delivery {
  private settled = false;

  constructor(
    private readonly message: ConsumeMessage,
    readonly channel: ConsumeChannel,
    private readonly owner: DeliveryOwner,
  ) {}

  get body(): Buffer {
    return this.message.content;
  }

  get headers(): Readonly<Record<string, unknown>> {
    return this.message.properties.headers ?? noHeaders;
  }

  get exchange(): string {
    return this.owner.names.fromWire(this.message.fields.exchange);
  }

  get routingKey(): string {
    return this.message.fields.routingKey;
  }

  get messageId(): string | undefined {
    return textOf(this.message.properties.messageId);
  }

  get contentType(): string | undefined {
    return textOf(this.message.properties.contentType);
  }

  get priority(): number | undefined {
    return numberOf(this.message.properties.priority);
  }

  get redelivered(): boolean {
    return this.message.fields.redelivered;
  }

  get queue(): string {
    return this.owner.queue;
  }

  get stale(): boolean {
    return !this.channel.open;
  }

  ack(): void {
    if (!this.settle()) return;
    this.channel.ack(this.message);
    this.owner.settled();
  }

  requeue(): void {
    if (!this.settle()) return;
    this.channel.requeue(this.message);
    this.owner.settled();
  }

  /** To the queue again, before anybody had it in hand. */
  giveBack(): void {
    if (this.settle() && !this.stale) this.channel.requeue(this.message);
  }

  async deadLetter(reason: DeadLetterReason, detail?: string): Promise<void> {
    if (this.settled) return;
    // A stale one comes again, to somebody who will do the same.
    if (!this.stale) {
      await this.owner.publish(deadLetterOf(this, reason, detail));
      this.owner.metrics.deadLettered(reason);
    }
    this.ack();
  }

  private settle(): boolean {
    const first = !this.settled;
    this.settled = true;
    return first;
  }
}

// Producers in other languages may leave properties out; amqplib does not type them.
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
