import { agentNames } from '@pulser/contracts';

import { isStale, type QuotaUse, roomIn } from './quota-use.policy.js';
import type { WaitingTasks } from './waiting-tasks.store.js';

/**
 * Bounds how many tasks of a tenant may wait. Counted now and then, not with every submission: several gateways
 * together may let a tenant go past its quota by what they accept within a moment.
 */
export class QueueQuota {
  private readonly uses = new Map<string, QuotaUse>();
  private readonly counting = new Map<string, Promise<QuotaUse>>();

  /** @param usualQuota of tenants that have none of their own */
  constructor(
    private readonly waiting: WaitingTasks,
    private readonly usualQuota: number,
  ) {}

  /** How many of so many tasks may be accepted now; these count as accepted. @throws DatabaseUnavailable */
  async admit(tenantId: string, tasks: number): Promise<number> {
    const known = this.uses.get(tenantId);
    const use = known === undefined || isStale(known, tasks, performance.now()) ? await this.count(tenantId) : known;
    // Others may have been admitted while this one waited for the count.
    const current = this.uses.get(tenantId) ?? use;
    const admitted = Math.min(tasks, roomIn(current));
    this.uses.set(tenantId, { ...current, acceptedSince: current.acceptedSince + admitted });
    return admitted;
  }

  private count(tenantId: string): Promise<QuotaUse> {
    const running = this.counting.get(tenantId);
    if (running !== undefined) return running;
    const counted = this.countNow(tenantId).finally(() => this.counting.delete(tenantId));
    this.counting.set(tenantId, counted);
    return counted;
  }

  private async countNow(tenantId: string): Promise<QuotaUse> {
    const countedAt = performance.now();
    const waiting = await this.waiting.of(tenantId, this.usualQuota, agentNames);
    const use: QuotaUse = { ...waiting, countedAt, acceptedSince: 0 };
    this.uses.set(tenantId, use);
    return use;
  }
}
