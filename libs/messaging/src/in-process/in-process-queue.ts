import type { OutgoingMessage } from '../broker/broker.js';
import { PriorityQueues } from './priority-queues.js';
import { StoredMessage } from './stored-message.js';

/** Somebody who takes messages from a queue. */
export interface Taker {
  readonly hasRoom: boolean;
  take(message: StoredMessage): void;
}

/** A queue in memory: priorities, takers in turn, never a delivery within the call that made it possible. */
export class InProcessQueue {
  private readonly lanes = new PriorityQueues();
  private readonly takers: Taker[] = [];
  private scheduled = false;

  constructor(
    readonly name: string,
    private readonly onAbandoned?: () => void,
  ) {}

  get depth(): number {
    return this.lanes.size;
  }

  push(sent: OutgoingMessage): void {
    this.lanes.add(StoredMessage.of(sent));
    this.schedule();
  }

  /** To the front of its priority. */
  putBack(message: StoredMessage): void {
    message.redelivered = true;
    this.lanes.putBack(message);
    this.schedule();
  }

  join(taker: Taker): void {
    this.takers.push(taker);
    this.schedule();
  }

  leave(taker: Taker): void {
    const at = this.takers.indexOf(taker);
    if (at === -1) return;
    this.takers.splice(at, 1);
    if (this.takers.length === 0) this.onAbandoned?.();
  }

  /** Somebody has room again. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.deliver();
    });
  }

  private deliver(): void {
    for (let taker = this.nextTaker(); taker !== undefined; taker = this.nextTaker()) {
      const message = this.lanes.take();
      if (message === undefined) return;
      taker.take(message);
    }
  }

  private nextTaker(): Taker | undefined {
    if (this.lanes.size === 0) return undefined;
    const at = this.takers.findIndex((taker) => taker.hasRoom);
    const [taker] = at === -1 ? [] : this.takers.splice(at, 1);
    if (taker !== undefined) this.takers.push(taker);
    return taker;
  }
}
