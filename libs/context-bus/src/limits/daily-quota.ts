import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { LeasedCounters, type LeasePolicy } from './leased-counter.js';

// How many tasks a tenant submits per day, which is a day in UTC by the database's clock.

// Somewhat more than asked for is taken, so that the next submissions cost no statement: a thousandth of the quota, and
// no more than 500.
const take = statement(
  'limits.day.take',
  `with allowed as (
     select tenant_id, coalesce(max_daily, $2) as quota, greatest($1::int, least(500, coalesce(max_daily, $2) / 1000)) as wanted
     from tenant where tenant_id = (select pulser.tenant_id())
   ), taken as (
     insert into tenant_day as d (tenant_id, day, tasks, granted)
     select tenant_id, (now() at time zone 'UTC')::date, least(wanted, quota), least(wanted, quota) from allowed
     on conflict (tenant_id, day) do update set
       granted = greatest(0, (select least(wanted, quota - d.tasks) from allowed)),
       tasks = d.tasks + greatest(0, (select least(wanted, quota - d.tasks) from allowed))
     returning granted
   )
   select granted, extract(epoch from date_trunc('day', now(), 'UTC') + interval '1 day' - now())::float8 as "endsInS"
   from taken`,
);

export interface DayGrant {
  /** Tasks that may be submitted. */
  readonly granted: number;
  /** Seconds until the next day begins. */
  readonly endsInS: number;
}

/** How many tasks each tenant submitted today, over all gateways and routers. */
@Injectable()
export class TenantDays {
  constructor(private readonly database: Database) {}

  /**
   * Takes tasks of today's: as many as asked for, or more, or what is left of them.
   * @param usualQuota of tenants that have none of their own
   * @throws DatabaseUnavailable
   */
  async take(tenantId: string, tasks: number, usualQuota: number): Promise<DayGrant> {
    const [row] = await this.database.queryAs<DayGrant>(tenantId, take, [tasks, usualQuota]);
    if (row === undefined) throw new Error('There is no such tenant');
    return row;
  }
}

/** Tasks that this process may still let a tenant submit today. Times are of a monotonic clock, in milliseconds. */
export interface DayAllowance {
  readonly left: number;
  /** The day had fewer tasks left than were asked for. */
  readonly isSpent: boolean;
  readonly dayEndsAt: number;
  readonly askedAt: number;
}

/** For so many milliseconds a spent day is not asked again; after that the tenant may have got a larger quota. */
const refusalMs = 1_000;

export const mustAsk = (known: DayAllowance | undefined, tasks: number, now: number): boolean => {
  if (known === undefined || now >= known.dayEndsAt) return true;
  if (known.left >= tasks) return false;
  return !known.isSpent || now >= known.askedAt + refusalMs;
};

/** @param tasks that were asked for */
export const allowanceOf = (
  { granted, endsInS }: DayGrant,
  tasks: number,
  { known, now }: { readonly known: DayAllowance | undefined; readonly now: number },
): DayAllowance => ({
  left: granted + (known !== undefined && now < known.dayEndsAt ? known.left : 0),
  isSpent: granted < tasks,
  dayEndsAt: now + endsInS * 1_000,
  askedAt: now,
});

const policy: LeasePolicy<DayAllowance> = {
  mustAsk,
  left: ({ left }) => left,
  use: (allowance, tasks) => ({ ...allowance, left: allowance.left - tasks }),
};

/** What a tenant may still submit today. */
export interface DayRoom {
  readonly tasks: number;
  /** Seconds until the next day begins. */
  readonly endsInS: number;
  /** Returns so many of the tasks to the day: they were not submitted. */
  readonly giveBack: (tasks: number) => void;
}

/**
 * Bounds how many tasks a tenant submits per day, never more than its quota over all gateways together. What a process has
 * taken of the day and not used when it ends, at most a thousandth of the quota, is lost.
 */
export class DailyQuota {
  private readonly allowances = new LeasedCounters(policy);

  /** @param usualQuota of tenants that have none of their own */
  constructor(
    private readonly days: TenantDays,
    private readonly usualQuota: number,
  ) {}

  /** How many of so many tasks may be submitted; these count as submitted. @throws DatabaseUnavailable */
  async admit(tenantId: string, tasks: number): Promise<DayRoom> {
    const { count, lease } = await this.allowances.take(tenantId, tasks, (wanted, known) =>
      this.ask(tenantId, wanted, known),
    );
    return {
      tasks: count,
      endsInS: Math.max(1, (lease.dayEndsAt - performance.now()) / 1_000),
      giveBack: (unused) => {
        // Tasks of yesterday must not be added to today's.
        this.allowances.giveBack(tenantId, unused, () => performance.now() < lease.dayEndsAt);
      },
    };
  }

  private async ask(tenantId: string, tasks: number, known: () => DayAllowance | undefined): Promise<DayAllowance> {
    const grant = await this.days.take(tenantId, tasks, this.usualQuota);
    return allowanceOf(grant, tasks, { known: known(), now: performance.now() });
  }
}
