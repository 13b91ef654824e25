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
    return new StoredMessage(sent, performance.now() + (sent.expirationMs ?? Infinity));
  }

  get expired(): boolean {
    return performance.now() >= this.expiresAt;
  }
}
