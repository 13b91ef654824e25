// Queues in memory, their consumers and deliveries.
import { settlesWithin } from '@pulser/concurrency';
import type { DeadLetterReason } from '@pulser/contracts';

import type { Broker, Consumer, Delivery, OutgoingMessage, OutgoingReply } from '../broker/broker.js';
import type { BrokerMetrics } from '../broker/broker-metrics.js';
import { deadLetterOf } from '../broker/dead-letter.policy.js';
import { deadlineHeader } from '../broker/requests.js';
import { PriorityQueues, StoredMessage } from './priority-queues.js';

/** A queue in memory: priorities, its consumers in turn, never a delivery within the call that made it possible. */
export class InProcessQueue {
  private readonly messages = new PriorityQueues();
  private readonly consumers: InProcessConsumer[] = [];
  private scheduled = false;

  constructor(
    readonly name: string,
    private readonly onAbandoned?: () => void,
  ) {}

  get depth(): number {
    return this.messages.size;
  }

  get consumerCount(): number {
    return this.consumers.length;
  }

  push(sent: OutgoingMessage): void {
    this.messages.add(StoredMessage.of(sent));
    this.schedule();
  }

  /** To the front of its priority. */
  putBack(message: StoredMessage): void {
    message.redelivered = true;
    this.messages.putBack(message);
    this.schedule();
  }

  join(consumer: InProcessConsumer): void {
    this.consumers.push(consumer);
    this.schedule();
  }

  leave(consumer: InProcessConsumer): void {
    const at = this.consumers.indexOf(consumer);
    if (at === -1) return;
    this.consumers.splice(at, 1);
    if (this.consumers.length === 0) this.onAbandoned?.();
  }

  /** Delivers soon: there is a message more, or room for one. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.deliver();
    });
  }

  private deliver(): void {
    for (let consumer = this.nextConsumer(); consumer !== undefined; consumer = this.nextConsumer()) {
      const message = this.messages.take();
      if (message === undefined) return;
      consumer.take(message);
    }
  }

  private nextConsumer(): InProcessConsumer | undefined {
    if (this.messages.size === 0) return undefined;
    const at = this.consumers.findIndex((consumer) => consumer.hasRoom);
    const [consumer] = at === -1 ? [] : this.consumers.splice(at, 1);
    if (consumer !== undefined) this.consumers.push(consumer);
    return consumer;
  }
}

/** The client that a consumer belongs to: takes its replies and dead letters. */
type Client = Pick<Broker, 'publish'> & {
  readonly metrics: BrokerMetrics;
  reply(to: Delivery, reply: OutgoingReply): Promise<void>;
  /** Whether a reply to this address reaches somebody, or did. */
  isReplyAddress(address: string): boolean;
};

/** Takes messages from one queue for one client. */
export class InProcessConsumer implements Consumer {
  private readonly unsettled = new Set<InProcessDelivery>();
  private idle: (() => void) | undefined;

  constructor(
    readonly client: Client,
    readonly queue: InProcessQueue,
    private prefetch: number,
    private readonly onDelivery: (delivery: Delivery) => void,
    private readonly onGone: (consumer: InProcessConsumer) => void,
  ) {}

  get running(): number {
    return this.unsettled.size;
  }

  get hasRoom(): boolean {
    return this.unsettled.size < this.prefetch;
  }

  start(): void {
    this.queue.join(this);
  }

  take(message: StoredMessage): void {
    const delivery = new InProcessDelivery(message, this);
    this.unsettled.add(delivery);
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

  /** Requeues everything at once. */
  abandon(): void {
    this.queue.leave(this);
    // Last in, first back: that restores the order of the queue.
    for (const delivery of [...this.unsettled].reverse()) {
      delivery.takeBack();
      this.queue.putBack(delivery.message);
    }
    this.unsettled.clear();
    this.onGone(this);
  }

  acked(delivery: InProcessDelivery): void {
    this.unsettled.delete(delivery);
    this.queue.schedule();
    if (this.unsettled.size === 0) this.idle?.();
  }

  requeued(delivery: InProcessDelivery): void {
    this.queue.putBack(delivery.message);
    this.acked(delivery);
  }

  private whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.unsettled.size === 0) resolve();
      else this.idle = resolve;
    });
  }
}

const noHeaders = {};

/** A message that a consumer has and has not settled. */
class InProcessDelivery implements Delivery {
  readonly redelivered: boolean;
  private settled = false;
  private takenBack = false;

  constructor(
    readonly message: StoredMessage,
    private readonly consumer: InProcessConsumer,
  ) {
    this.redelivered = message.redelivered;
  }

  get body(): Buffer {
    return this.message.sent.body;
  }

  get headers(): Readonly<Record<string, unknown>> {
    const { headers = noHeaders, deadline } = this.message.sent;
    return deadline === undefined ? headers : { ...headers, [deadlineHeader]: deadline };
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

  get replyTo(): string | undefined {
    return this.message.sent.replyTo;
  }

  get correlationId(): string | undefined {
    return this.message.sent.correlationId;
  }

  get deadline(): number | undefined {
    return this.message.sent.deadline;
  }

  get sender(): string | undefined {
    return this.message.sent.sender;
  }

  get isRequest(): boolean {
    return this.replyTo !== undefined && this.consumer.client.isReplyAddress(this.replyTo);
  }

  get queue(): string {
    return this.consumer.queue.name;
  }

  get stale(): boolean {
    return this.takenBack;
  }

  /** The queue has the message again. */
  takeBack(): void {
    this.takenBack = true;
  }

  ack(): void {
    if (this.settle()) this.consumer.acked(this);
  }

  requeue(): void {
    if (this.settle()) this.consumer.requeued(this);
  }

  reply(reply: OutgoingReply): Promise<void> {
    return this.consumer.client.reply(this, reply);
  }

  async deadLetter(reason: DeadLetterReason, detail?: string): Promise<void> {
    if (this.settled) return;
    if (!this.takenBack) {
      await this.consumer.client.publish(deadLetterOf(this, reason, detail));
      this.consumer.client.metrics.deadLettered(reason);
    }
    this.ack();
  }

  private settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    if (this.takenBack) this.consumer.client.metrics.staleAcks(1);
    return !this.takenBack;
  }
}
