// A channel that consumes one queue, and how it acknowledges in batches.
import { settlesWithin } from '@pulser/concurrency';
import type { Channel, ChannelModel, ConsumeMessage, Message } from 'amqplib';

import type { BrokerMetrics } from '../broker/broker-metrics.js';

/** What to consume, and what the channel calls. */
export interface ConsumeRequest {
  readonly wireQueue: string;
  readonly prefetch: number;
  delivered(message: ConsumeMessage, channel: ConsumeChannel): void;
  /** The broker sends no more on this channel: the queue was deleted, or a message was unsettled for too long. */
  cancelled(channel: ConsumeChannel): void;
  /** The error is the broker's reason, when it closed the channel. */
  closed(channel: ConsumeChannel, error?: Error): void;
}

const closeTimeoutMs = 2_000;

/**
 * One channel of a consumer, until it closes, and the deliveries that came over it. They can be settled only here and
 * only while it is open; afterwards the broker delivers them to another consumer.
 */
export class ConsumeChannel {
  open = true;
  private retired = false;
  private tag = '';
  private closing: Promise<void> | undefined;
  private readonly acks: AckBatch;

  private constructor(
    private readonly channel: Channel,
    private readonly request: ConsumeRequest,
    private readonly metrics: Pick<BrokerMetrics, 'staleAcks'>,
  ) {
    this.acks = new AckBatch(channel, request.prefetch);
    let reason: Error | undefined;
    channel.on('error', (error) => (reason = error));
    channel.on('close', () => {
      this.closed(reason);
    });
  }

  static async open(
    model: ChannelModel,
    request: ConsumeRequest,
    metrics: Pick<BrokerMetrics, 'staleAcks'>,
  ): Promise<ConsumeChannel> {
    const opened = new ConsumeChannel(await model.createChannel(), request, metrics);
    await opened.start();
    return opened;
  }

  get delivers(): boolean {
    return this.open && !this.retired;
  }

  ack(message: ConsumeMessage): void {
    if (!this.open) {
      this.metrics.staleAcks(1);
      return;
    }
    this.acks.ack(message);
    this.closeWhenDone();
  }

  requeue(message: ConsumeMessage): void {
    if (!this.open) {
      this.metrics.staleAcks(1);
      return;
    }
    this.acks.requeue(message);
    this.closeWhenDone();
  }

  /**
   * Takes nothing new; what is unsettled can be settled, then the channel closes. Needed after a cancel by the broker too:
   * as soon as a late acknowledgement arrives it would deliver again, to a consumer that amqplib has forgotten.
   */
  async retire(): Promise<void> {
    if (this.retired || !this.open) return;
    this.retired = true;
    await settlesWithin(closeTimeoutMs, this.channel.cancel(this.tag));
    this.closeWhenDone();
  }

  /** Requeues what is unsettled. Resolves when the broker has processed all of it: closing the connection earlier would lose it. */
  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    if (!this.open) return;
    this.acks.flush();
    // Explicitly, because a mere close counts against the delivery limit of a quorum queue.
    if (this.acks.unsettled > 0) this.channel.nackAll(true);
    this.open = false;
    await settlesWithin(closeTimeoutMs, this.channel.close());
  }

  private async start(): Promise<void> {
    const { wireQueue, prefetch } = this.request;
    await this.channel.prefetch(prefetch);
    const { consumerTag } = await this.channel.consume(wireQueue, (message) => {
      this.received(message);
    });
    this.tag = consumerTag;
  }

  private received(message: ConsumeMessage | null): void {
    if (message === null) {
      this.request.cancelled(this);
      return;
    }
    this.acks.hold(message);
    this.request.delivered(message, this);
  }

  private closeWhenDone(): void {
    if (this.retired && this.open && this.acks.unsettled === 0) void this.close();
  }

  private closed(reason: Error | undefined): void {
    this.open = false;
    const lost = this.acks.take().length;
    if (lost > 0) this.metrics.staleAcks(lost);
    this.request.closed(this, reason);
  }
}

/** Milliseconds for which an acknowledgement may be delayed to be batched with others. */
const maxDelayMs = 10;

/**
 * Acknowledges in as few frames as is correct: one "all up to here" for what has no unsettled delivery before it, the
 * rest one by one. A quorum queue writes each of these frames to its log, so acknowledgements are delayed up to 10 ms to be
 * batched, but only while less than half of the prefetch is used: they never hold up further deliveries.
 */
export class AckBatch {
  /** Delivery tags of unsettled messages, in the order of delivery. */
  private readonly held = new Set<number>();
  private done: Message[] = [];
  private soon: NodeJS.Timeout | undefined;
  private now: NodeJS.Immediate | undefined;

  constructor(
    private readonly channel: Channel,
    private readonly prefetch: number,
  ) {}

  get unsettled(): number {
    return this.held.size;
  }

  /** Acknowledgements that have not been sent. */
  get unsent(): number {
    return this.done.length;
  }

  hold(message: Message): void {
    this.held.add(message.fields.deliveryTag);
  }

  ack(message: Message): void {
    this.held.delete(message.fields.deliveryTag);
    this.done.push(message);
    const flush = (): void => {
      this.flush();
    };
    if ((this.held.size + this.done.length) * 2 < this.prefetch) this.soon ??= setTimeout(flush, maxDelayMs);
    else this.now ??= setImmediate(flush);
  }

  requeue(message: Message): void {
    this.held.delete(message.fields.deliveryTag);
    this.channel.nack(message, false, true);
  }

  flush(): void {
    const done = this.take();
    const firstHeld = this.held.values().next().value ?? Infinity;
    let last: Message | undefined;
    for (const message of done) {
      const tag = message.fields.deliveryTag;
      if (tag > firstHeld) this.channel.ack(message);
      else if (last === undefined || tag > last.fields.deliveryTag) last = message;
    }
    if (last !== undefined) this.channel.ack(last, true);
  }

  /** Takes what was not sent, and sends it no more: the channel is gone, or the caller sends it. */
  take(): Message[] {
    clearTimeout(this.soon);
    clearImmediate(this.now);
    this.soon = this.now = undefined;
    return this.done.splice(0);
  }
}
