// What a queue in memory holds.
import { maxPriority } from '@pulser/contracts';

import type { OutgoingMessage } from '../broker/broker.js';

/** A message in one queue. */
export class StoredMessage {
  redelivered = false;

  constructor(
    readonly sent: OutgoingMessage,
    /** On the clock of `performance.now()`. */
    private readonly expiresAt: number,
  ) {}

  static of(sent: OutgoingMessage): StoredMessage {
    const { expirationMs, deadline } = sent;
    const lifeMs = expirationMs ?? (deadline === undefined ? Infinity : deadline - Date.now());
    return new StoredMessage(sent, performance.now() + lifeMs);
  }

  get expired(): boolean {
    return performance.now() >= this.expiresAt;
  }
}

/** First in, first out, with a front that takes back what it gave, both in constant time. */
class Fifo<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  putBack(item: T): void {
    if (this.head === 0) this.items.unshift(item);
    else this.items[--this.head] = item;
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    // Half of it is empty: copying the rest costs no more than filling it did.
    if (this.head > 1_024 && this.head * 2 > this.items.length) this.compact();
    return item;
  }

  private compact(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}

// As RabbitMQ 4.3 treats an unset one.
const unsetPriority = 4;

const priorityOf = ({ sent }: StoredMessage): number =>
  Math.max(0, Math.min(maxPriority, sent.priority ?? unsetPriority));

/** Highest priority first, first in first out within one. */
export class PriorityQueues {
  private readonly queues = Array.from({ length: maxPriority + 1 }, () => new Fifo<StoredMessage>());
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(message: StoredMessage): void {
    this.count++;
    this.queues[priorityOf(message)]?.push(message);
  }

  putBack(message: StoredMessage): void {
    this.count++;
    this.queues[priorityOf(message)]?.putBack(message);
  }

  /** The next one that has not expired. */
  take(): StoredMessage | undefined {
    for (let priority = maxPriority; priority >= 0; priority--) {
      const message = this.takeFrom(this.queues[priority]);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  private takeFrom(queue: Fifo<StoredMessage> | undefined): StoredMessage | undefined {
    for (let message = queue?.shift(); message !== undefined; message = queue?.shift()) {
      this.count--;
      if (!message.expired) return message;
    }
    return undefined;
  }
}
