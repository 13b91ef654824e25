import { allowanceOf, type DayAllowance, mustAsk } from './day-allowance.policy.js';
import type { TenantDays } from './tenant-days.store.js';

/** What a tenant may still submit today. */
export interface DayRoom {
  readonly tasks: number;
  /** Seconds until the next day begins. */
  readonly endsInS: number;
}

/**
 * Bounds how many tasks a tenant submits a day, never more than its quota over all gateways together. What a process has
 * taken of the day and not used when it ends, at most a thousandth of the quota, is lost.
 */
export class DailyQuota {
  private readonly allowances = new Map<string, DayAllowance>();
  private readonly asking = new Map<string, Promise<DayAllowance>>();

  /** @param usualQuota of tenants that have none of their own */
  constructor(
    private readonly days: TenantDays,
    private readonly usualQuota: number,
  ) {}

  /** How many of so many tasks may be submitted; these count as submitted. @throws DatabaseUnavailable */
  async admit(tenantId: string, tasks: number): Promise<DayRoom> {
    let known = this.allowances.get(tenantId);
    while (known === undefined || mustAsk(known, tasks, performance.now())) {
      await (this.asking.get(tenantId) ?? this.ask(tenantId, tasks));
      // Others that waited for the same answer may have used it up.
      known = this.allowances.get(tenantId);
    }
    const admitted = Math.min(known.left, tasks);
    this.allowances.set(tenantId, { ...known, left: known.left - admitted });
    return { tasks: admitted, endsInS: Math.max(1, (known.dayEndsAt - performance.now()) / 1_000) };
  }

  private ask(tenantId: string, tasks: number): Promise<DayAllowance> {
    const answer = this.askNow(tenantId, tasks).finally(() => this.asking.delete(tenantId));
    this.asking.set(tenantId, answer);
    return answer;
  }

  private async askNow(tenantId: string, tasks: number): Promise<DayAllowance> {
    const grant = await this.days.take(tenantId, tasks, this.usualQuota);
    const allowance = allowanceOf(grant, tasks, { known: this.allowances.get(tenantId), now: performance.now() });
    this.allowances.set(tenantId, allowance);
    return allowance;
  }
}
