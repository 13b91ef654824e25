import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';

import { settlesWithin } from '@pulser/concurrency';
import type { BrokerMetrics } from '../broker/broker-metrics.js';
import { AckBatch } from './ack-batch.js';

export interface ConsumeEvents {
  delivered(message: ConsumeMessage, channel: ConsumeChannel): void;
  /** The broker sends no more on this channel: the queue was deleted, or a message was held for too long. */
  cancelled(channel: ConsumeChannel): void;
  /** The error is what the broker did not like, when that is why. */
  closed(channel: ConsumeChannel, error?: Error): void;
}

export interface ConsumeRequest {
  readonly wireQueue: string;
  readonly prefetch: number;
}

const closeTimeoutMs = 2_000;

/**
 * One life of a consumer: a channel and the deliveries that came over it. They can be settled only here, and only while
 * it is open; afterwards the broker has already given them to somebody else.
 */
export class ConsumeChannel {
  open = true;
  private retired = false;
  private tag = '';
  private closing: Promise<void> | undefined;
  private readonly acks: AckBatch;

  private constructor(
    private readonly channel: Channel,
    private readonly events: ConsumeEvents,
    private readonly metrics: Pick<BrokerMetrics, 'staleAcks'>,
    prefetch: number,
  ) {
    this.acks = new AckBatch(channel, prefetch);
    let reason: Error | undefined;
    channel.on('error', (error) => (reason = error));
    channel.on('close', () => {
      this.closed(reason);
    });
  }

  static async open(
    model: ChannelModel,
    request: ConsumeRequest,
    events: ConsumeEvents,
    metrics: Pick<BrokerMetrics, 'staleAcks'>,
  ): Promise<ConsumeChannel> {
    const life = new ConsumeChannel(await model.createChannel(), events, metrics, request.prefetch);
    await life.start(request);
    return life;
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
   * Takes nothing new; what is in hand can be settled, then the channel closes. Also after a cancel by the broker: it
   * would start to deliver again, to a consumer that amqplib has forgotten, as soon as a late acknowledgement arrives.
   */
  async retire(): Promise<void> {
    if (this.retired || !this.open) return;
    this.retired = true;
    await settlesWithin(closeTimeoutMs, this.channel.cancel(this.tag));
    this.closeWhenDone();
  }

  /** Requeues what is in hand. Resolves when the broker has heard it all: closing the connection before would lose it. */
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

  private async start({ wireQueue, prefetch }: ConsumeRequest): Promise<void> {
    await this.channel.prefetch(prefetch);
    const { consumerTag } = await this.channel.consume(wireQueue, (message) => {
      this.received(message);
    });
    this.tag = consumerTag;
  }

  private received(message: ConsumeMessage | null): void {
    if (message === null) {
      this.events.cancelled(this);
      return;
    }
    this.acks.hold(message);
    this.events.delivered(message, this);
  }

  private closeWhenDone(): void {
    if (this.retired && this.open && this.acks.unsettled === 0) void this.close();
  }

  private closed(reason: Error | undefined): void {
    this.open = false;
    const lost = this.acks.take().length;
    if (lost > 0) this.metrics.staleAcks(lost);
    this.events.closed(this, reason);
  }
}
