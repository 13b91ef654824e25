import type { Channel, Message } from 'amqplib';

/** How long an acknowledgement may wait for others, in milliseconds, while the broker may send more without it. */
const restMs = 10;

/**
 * Acknowledges what was done in as few frames as is correct: one "all up to here" for what has no unsettled delivery
 * before it, the rest one by one. A quorum queue writes each of them to its log, so they rest for others, but only while
 * less than half of the prefetch is used: more deliveries never wait for them.
 */
export class AckBatch {
  /** Delivery tags of what is unsettled, in the order of delivery. */
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
    if ((this.held.size + this.done.length) * 2 < this.prefetch) this.soon ??= setTimeout(flush, restMs);
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

  /** Forgets everything: the channel is gone. */
  take(): Message[] {
    clearTimeout(this.soon);
    clearImmediate(this.now);
    this.soon = this.now = undefined;
    return this.done.splice(0);
  }
}
