import type { Priority } from '@pulser/contracts';

/** One message in so many may be an aged task that newer ones of higher priority would pass for ever. */
const every = 10;
/** Most aged tasks that are let through together after a long time without any. */
const mostAtOnce = 100;

/** Counts the messages that go before waiting tasks of lower priority, and how many of these may follow in return. */
export class Overtaking {
  private owed = 0;

  /** Nothing waits below the lowest priority. */
  sent(priority: Priority, messages: number): void {
    if (priority !== 'low') this.owed = Math.min(mostAtOnce, this.owed + messages / every);
  }

  /** Aged tasks that may be sent now. */
  get allowed(): number {
    return Math.floor(this.owed);
  }

  raised(tasks: number): void {
    this.owed -= tasks;
  }
}
