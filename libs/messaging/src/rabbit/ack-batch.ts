import type { Channel, Message } from 'amqplib';

/**
 * Acknowledges what was done since the last turn of the event loop in as few frames as is correct: one "all up to here"
 * for what has no unsettled delivery before it, the rest one by one.
 */
export class AckBatch {
  /** Delivery tags of what is unsettled, in the order of delivery. */
  private readonly held = new Set<number>();
  private done: Message[] = [];
  private scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly channel: Channel) {}

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
    this.scheduled ??= setImmediate(() => {
      this.flush();
    });
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
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    return this.done.splice(0);
  }
}
