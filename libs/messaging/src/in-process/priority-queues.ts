import { maxPriority } from '@pulser/contracts';

import { Fifo } from './fifo.js';
import type { StoredMessage } from './stored-message.js';

// What RabbitMQ 4.3 makes of an unset one.
const unsetPriority = 4;

const laneOf = ({ sent }: StoredMessage): number => Math.max(0, Math.min(maxPriority, sent.priority ?? unsetPriority));

/** Highest priority first, first in first out within one. */
export class PriorityQueues {
  private readonly lanes = Array.from({ length: maxPriority + 1 }, () => new Fifo<StoredMessage>());
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(message: StoredMessage): void {
    this.count++;
    this.lanes[laneOf(message)]?.push(message);
  }

  putBack(message: StoredMessage): void {
    this.count++;
    this.lanes[laneOf(message)]?.putBack(message);
  }

  /** The next one that has not expired. */
  take(): StoredMessage | undefined {
    for (let priority = maxPriority; priority >= 0; priority--) {
      const message = this.takeFrom(this.lanes[priority]);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  private takeFrom(lane: Fifo<StoredMessage> | undefined): StoredMessage | undefined {
    for (let message = lane?.shift(); message !== undefined; message = lane?.shift()) {
      this.count--;
      if (!message.expired) return message;
    }
    return undefined;
  }
}
