import type { OutgoingMessage } from '../broker/broker.js';

/** A message on its way, and the promise that waits for its confirm. */
export class PendingPublish {
  /** A message is sent a second time at most: after what it needed had been deleted and was declared again. */
  retried = false;
  /** Its promise has been kept or broken; the broker may still hold it. */
  settled = false;

  constructor(
    readonly message: OutgoingMessage,
    /** On the clock of `performance.now()`. */
    readonly deadline: number,
    private readonly resolve: () => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  confirm(): void {
    this.settled = true;
    this.resolve();
  }

  fail(error: unknown): void {
    this.settled = true;
    this.reject(error);
  }
}
