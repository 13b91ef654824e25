import type { Share } from './dispatchable.js';

/** What each tenant got of an agent, as the backlog's statements take it. */
export interface FairSharesSnapshot {
  readonly tenants: readonly string[];
  readonly ends: readonly number[];
  readonly time: number;
}

/**
 * Virtual times of start-time fair queueing: a tenant's next task starts where its last one ended, or now when it had
 * nothing to do for a while, so that nobody saves up. https://doi.org/10.1145/248157.248171
 */
export class FairShares {
  private readonly ends = new Map<string, number>();
  private time = 0;

  get snapshot(): FairSharesSnapshot {
    return { tenants: [...this.ends.keys()], ends: [...this.ends.values()], time: this.time };
  }

  charge(shares: readonly Share[]): void {
    for (const { tenantId, start, end } of shares) {
      this.time = Math.max(this.time, start);
      this.ends.set(tenantId, Math.max(end, this.ends.get(tenantId) ?? 0));
    }
    for (const [tenantId, end] of this.ends) if (end <= this.time) this.ends.delete(tenantId);
  }
}
