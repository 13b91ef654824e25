import type { Channel, Message } from 'amqplib';

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
