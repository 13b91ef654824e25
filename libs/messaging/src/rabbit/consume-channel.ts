// A channel that consumes one queue.
import { settlesWithin } from '@pulser/concurrency';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';

import type { BrokerMetrics } from '../broker/broker-metrics.js';
import { AckBatch } from './ack-batch.js';

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
