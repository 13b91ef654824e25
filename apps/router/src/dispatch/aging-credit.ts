import type { Priority } from '@pulser/contracts';

/** One message in so many may be an aged task that newer ones of higher priority would pass for ever. */
const every = 10;
/** Most aged tasks that are let through together after a long time without any. */
const maxCredit = 100;

/** Counts the messages that go before waiting tasks of lower priority, and how many of these may follow in return. */
export class AgingCredit {
  private credit = 0;

  /** Nothing waits below the lowest priority. */
  sent(priority: Priority, messages: number): void {
    if (priority !== 'low') this.credit = Math.min(maxCredit, this.credit + messages / every);
  }

  /** Aged tasks that may be sent now. */
  get allowed(): number {
    return Math.floor(this.credit);
  }

  boosted(tasks: number): void {
    this.credit -= tasks;
  }
}
