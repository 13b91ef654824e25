// Messages that RabbitMQ delivered, and how many of them a consumer has at a time.
import type { DeadLetterReason } from '@pulser/contracts';
import type { ConsumeMessage } from 'amqplib';

import type { Delivery, OutgoingReply } from '../broker/broker.js';
import { deadlineHeader } from '../broker/requests.js';
import { textOf } from './rabbit-connection.js';
import type { ConsumeChannel } from './consume-channel.js';
import { isDirectReplyTo } from './publish-channel.js';
import type { RabbitPublishing } from './rabbit-publishing.js';

const noHeaders = {};
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** A message, bound to the channel that delivered it. */
export class RabbitDelivery implements Delivery {
  private settled = false;

  constructor(
    private readonly message: ConsumeMessage,
    readonly channel: ConsumeChannel,
    private readonly gate: DeliveryGate,
  ) {}

  get body(): Buffer {
    return this.message.content;
  }

  get headers(): Readonly<Record<string, unknown>> {
    return this.message.properties.headers ?? noHeaders;
  }

  get exchange(): string {
    return this.gate.publishing.topology.names.fromWire(this.message.fields.exchange);
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

  get replyTo(): string | undefined {
    return textOf(this.message.properties.replyTo);
  }

  get correlationId(): string | undefined {
    return textOf(this.message.properties.correlationId);
  }

  get deadline(): number | undefined {
    return numberOf(this.headers[deadlineHeader]);
  }

  // RabbitMQ refuses a message whose `user_id` is not the user of its connection: https://www.rabbitmq.com/docs/validated-user-id
  get sender(): string | undefined {
    return textOf(this.message.properties.userId);
  }

  get isRequest(): boolean {
    return isDirectReplyTo(this.replyTo);
  }

  get redelivered(): boolean {
    return this.message.fields.redelivered;
  }

  get queue(): string {
    return this.gate.queue;
  }

  get stale(): boolean {
    return !this.channel.open;
  }

  ack(): void {
    if (!this.settle()) return;
    this.channel.ack(this.message);
    this.gate.settled();
  }

  requeue(): void {
    if (!this.settle()) return;
    this.channel.requeue(this.message);
    this.gate.settled();
  }

  reply(reply: OutgoingReply): Promise<void> {
    return this.gate.publishing.reply(this, reply);
  }

  /** Requeues a delivery that was not handed out. */
  giveBack(): void {
    if (this.settle() && !this.stale) this.channel.requeue(this.message);
  }

  async deadLetter(reason: DeadLetterReason, detail?: string): Promise<void> {
    if (this.settled) return;
    // A stale one is delivered again, and rejected then.
    if (!this.stale) await this.gate.publishing.deadLetter(this, reason, detail);
    this.ack();
  }

  private settle(): boolean {
    const first = !this.settled;
    this.settled = true;
    return first;
  }
}

/**
 * The deliveries of one consumer. Hands out no more of them at a time than the prefetch, over whatever channels they came:
 * while one channel replaces another, each may have delivered that many.
 */
export class DeliveryGate {
  private unsettled = 0;
  private open = true;
  private pumping = false;
  private waiting: RabbitDelivery[] = [];
  private idle: (() => void) | undefined;

  constructor(
    /** Name of the queue, or what a temporary one is for. */
    readonly queue: string,
    /** Takes the replies and dead letters of the deliveries. */
    readonly publishing: RabbitPublishing,
    private limit: number,
    private readonly handOut: (delivery: RabbitDelivery) => void,
  ) {}

  get running(): number {
    return this.unsettled;
  }

  offer(delivery: RabbitDelivery): void {
    if (!this.open) return;
    this.waiting.push(delivery);
    this.pump();
  }

  settled(): void {
    this.unsettled--;
    this.pump();
    if (this.unsettled === 0) this.idle?.();
  }

  resize(limit: number): void {
    this.limit = limit;
    this.pump();
  }

  /** Requeues what came over a channel and was not handed out. */
  giveBack(channel: ConsumeChannel): void {
    const gone = this.waiting.filter((delivery) => delivery.channel === channel);
    this.waiting = this.waiting.filter((delivery) => delivery.channel !== channel);
    for (const delivery of gone) delivery.giveBack();
  }

  /** Hands out nothing more: what waits stays unsettled and is requeued with its channel. */
  close(): void {
    this.open = false;
    this.waiting = [];
  }

  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.unsettled === 0) resolve();
      else this.idle = resolve;
    });
  }

  private pump(): void {
    // What is handed out may be settled within that very call.
    if (this.pumping) return;
    this.pumping = true;
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) {
        this.unsettled++;
        this.handOut(next);
      }
    } finally {
      this.pumping = false;
    }
  }

  private next(): RabbitDelivery | undefined {
    if (this.unsettled >= this.limit) return undefined;
    const next = this.waiting.shift();
    return next?.stale === true ? this.next() : next;
  }
}
