import type { Priority } from '@pulser/contracts';

/** One task in so many may be an aged one, so that newer ones of higher priority do not overtake it for ever. */
const every = 10;
/** Maximum credit, in tasks: the size of a burst of aged ones. */
const maxCredit = 100;

/** Counts the tasks sent ahead of those of lower priority, and how many aged ones may be boosted in return. */
export class AgingCredit {
  private credit = 0;

  /** Tasks of the lowest priority overtake none, and earn no credit. */
  sent(priority: Priority, tasks: number): void {
    if (priority !== 'low') this.credit = Math.min(maxCredit, this.credit + tasks / every);
  }

  /** Aged tasks that may be sent now. */
  get allowed(): number {
    return Math.floor(this.credit);
  }

  boosted(tasks: number): void {
    this.credit -= tasks;
  }
}
