// How many tasks of a tenant may wait, and how many it may submit per day (UTC, by the database's clock).
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { LeasedCounters, type LeasePolicy } from './rate-limits.js';

const countWaiting = statement(
  'tasks.waiting',
  `select coalesce(max_waiting, $2::int) as quota, (
     select coalesce(sum(tasks), 0)::int from task_count_live
     where tenant_id = $1 and status in ('queued', 'scheduled', 'waiting')
   ) as waiting
   from (values ($1::uuid)) as asked(tenant_id) left join tenant using (tenant_id)`,
);

export interface Waiting {
  /** Max tasks of the tenant that may wait. */
  readonly quota: number;
  /** Those that do. */
  readonly waiting: number;
}

/** How many tasks of a tenant are queued, scheduled or wait for others. */
@Injectable()
export class WaitingTasks {
  constructor(private readonly database: Database) {}

  /** @param usualQuota of tenants that have none of their own */
  async of(tenantId: string, usualQuota: number): Promise<Waiting> {
    const [row] = await this.database.queryAs<Waiting>(tenantId, countWaiting, [tenantId, usualQuota]);
    if (row === undefined) throw new Error('A count has no row');
    return row;
  }
}

/** What is known of a tenant's use of its quota: a count, and what was accepted here since. */
export interface QuotaUse extends Waiting {
  /** Of a monotonic clock, milliseconds. */
  readonly countedAt: number;
  readonly acceptedSince: number;
}

/** While there is room, a count is used for so many milliseconds; other gateways accept too. */
const freshMs = 5_000;
/** A refusal relies on a count no older than this. */
const queueRefusalMs = 250;

export const roomIn = ({ quota, waiting, acceptedSince }: QuotaUse): number =>
  Math.max(0, quota - waiting - acceptedSince);

/** Whether to count again before deciding on so many tasks. Tasks that end meanwhile only make room. */
export const isStale = (use: QuotaUse, tasks: number, now: number): boolean => {
  const age = now - use.countedAt;
  if (roomIn(use) < tasks) return age > queueRefusalMs;
  // Near the edge the others' share of the room counts.
  const near = roomIn(use) < use.quota / 2 && use.acceptedSince > roomIn(use) / 4;
  return use.acceptedSince > 0 && (age > freshMs || (near && age > queueRefusalMs));
};

const queuePolicy: LeasePolicy<QuotaUse> = {
  mustAsk: isStale,
  left: roomIn,
  use: (use, tasks) => ({ ...use, acceptedSince: use.acceptedSince + tasks }),
};

/** How many tasks a quota has room for. */
export interface Room {
  readonly tasks: number;
  /** Returns so many of the tasks: they were not accepted. */
  readonly giveBack: (tasks: number) => void;
}

/**
 * Bounds how many tasks of a tenant may wait. Counted now and then, not with every submission: several gateways
 * together may let a tenant go past its quota by what they accept within a moment.
 */
export class QueueQuota {
  private readonly uses = new LeasedCounters(queuePolicy);

  /** @param usualQuota of tenants that have none of their own */
  constructor(
    private readonly waiting: WaitingTasks,
    private readonly usualQuota: number,
  ) {}

  /** How many of so many tasks may be accepted now; these count as accepted. @throws DatabaseUnavailable */
  async admit(tenantId: string, tasks: number): Promise<Room> {
    const { count: admitted, lease } = await this.uses.take(tenantId, tasks, () => this.count(tenantId));
    return {
      tasks: admitted,
      giveBack: (unused) => {
        // A later count has found that they are not there.
        this.uses.giveBack(tenantId, unused, ({ countedAt }) => countedAt === lease.countedAt);
      },
    };
  }

  /** Takes nothing. @throws DatabaseUnavailable */
  use(tenantId: string): Promise<Waiting> {
    return this.waiting.of(tenantId, this.usualQuota);
  }

  private async count(tenantId: string): Promise<QuotaUse> {
    const waiting = await this.waiting.of(tenantId, this.usualQuota);
    return { ...waiting, countedAt: performance.now(), acceptedSince: 0 };
  }
}

// Somewhat more than asked for is taken, so that the next submissions cost no statement: a thousandth of the quota, and
// no more than 500.
const takeOfDay = statement(
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

// Processes take more than they submit: the tasks that came today are those of the rollups, which steps of other tasks are
// among too. Neither is less than what was submitted.
const lookAtDay = statement(
  'limits.day.look',
  `select coalesce(t.max_daily, $1) as quota, coalesce(d.tasks, 0)::int as taken,
     least(coalesce(d.tasks, 0), (
       select coalesce(sum(submitted), 0) from rollup_live
       where tenant_id = (select pulser.tenant_id()) and level = 'hour' and at >= date_trunc('day', now(), 'UTC')
     ))::int as used,
     date_part('epoch', date_trunc('day', now(), 'UTC') + interval '1 day' - now()) as "endsInS"
   from tenant t left join tenant_day d on d.tenant_id = t.tenant_id and d.day = (now() at time zone 'UTC')::date
   where t.tenant_id = (select pulser.tenant_id())`,
);

export interface DayUse {
  readonly quota: number;
  /** Tasks that were submitted. */
  readonly used: number;
  /** What nobody may submit any more: tasks that were submitted, and what other processes have taken for their next ones. */
  readonly taken: number;
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
    const [row] = await this.database.queryAs<DayGrant>(tenantId, takeOfDay, [tasks, usualQuota]);
    if (row === undefined) throw new Error('There is no such tenant');
    return row;
  }

  /** Takes nothing. @param usualQuota of tenants that have none of their own. @throws DatabaseUnavailable */
  async use(tenantId: string, usualQuota: number): Promise<DayUse> {
    const [row] = await this.database.queryAs<DayUse>(tenantId, lookAtDay, [usualQuota]);
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
const dayRefusalMs = 1_000;

export const mustAsk = (known: DayAllowance | undefined, tasks: number, now: number): boolean => {
  if (known === undefined || now >= known.dayEndsAt) return true;
  if (known.left >= tasks) return false;
  return !known.isSpent || now >= known.askedAt + dayRefusalMs;
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

const dayPolicy: LeasePolicy<DayAllowance> = {
  mustAsk,
  left: ({ left }) => left,
  use: (allowance, tasks) => ({ ...allowance, left: allowance.left - tasks }),
};

/** What a tenant may still submit today. */
export interface DayRoom extends Room {
  /** Seconds until the next day begins. */
  readonly endsInS: number;
}

/**
 * Bounds how many tasks a tenant submits per day, never more than its quota over all gateways together. What a process has
 * taken of the day and not used when it ends, at most a thousandth of the quota, is lost.
 */
export class DailyQuota {
  private readonly allowances = new LeasedCounters(dayPolicy);

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

  /** Takes nothing. @throws DatabaseUnavailable */
  async use(tenantId: string): Promise<DayUse> {
    const use = await this.days.use(tenantId, this.usualQuota);
    const own = this.allowances.known(tenantId);
    const left = own === undefined || performance.now() >= own.dayEndsAt ? 0 : own.left;
    return { ...use, taken: Math.max(0, use.taken - left) };
  }

  private async ask(tenantId: string, tasks: number, known: () => DayAllowance | undefined): Promise<DayAllowance> {
    const grant = await this.days.take(tenantId, tasks, this.usualQuota);
    return allowanceOf(grant, tasks, { known: known(), now: performance.now() });
  }
}

/** How many tasks the quotas of a tenant have room for, and why not for more. */
export interface QuotaRoom extends Room {
  readonly code: 'queue_full' | 'daily_quota_spent';
  readonly retryAfterS: number;
}

/** Both quotas of a tenant, and what is used of them. */
export interface QuotasInUse {
  readonly waiting: { readonly quota: number; readonly used: number };
  readonly today: DayUse;
}

/** Why there is no room for another task; undefined: there is. */
export const noRoom = ({ waiting, today }: QuotasInUse): Pick<QuotaRoom, 'code' | 'retryAfterS'> | undefined => {
  if (waiting.used >= waiting.quota) return { code: 'queue_full', retryAfterS: queueRetryAfterS };
  if (today.taken >= today.quota)
    return { code: 'daily_quota_spent', retryAfterS: Math.ceil(Math.max(1, today.endsInS)) };
  return undefined;
};

/** Tasks wait for seconds or minutes; a client that asks more often only adds to the load. */
const queueRetryAfterS = 5;

/** The quotas of a tenant: tasks that may wait, tasks that may be submitted per day. */
@Injectable()
export class Quotas {
  constructor(
    private readonly queue: QueueQuota,
    private readonly daily: DailyQuota,
  ) {}

  /** What is used of both quotas. Takes nothing. @throws DatabaseUnavailable */
  async use(tenantId: string): Promise<QuotasInUse> {
    const [waiting, today] = await Promise.all([this.queue.use(tenantId), this.daily.use(tenantId)]);
    return { waiting: { quota: waiting.quota, used: waiting.waiting }, today };
  }

  /** How many of so many tasks there is room for; these count as accepted. @throws DatabaseUnavailable */
  async take(tenantId: string, tasks: number): Promise<QuotaRoom> {
    const waiting = await this.queue.admit(tenantId, tasks);
    const today = await this.daily.admit(tenantId, waiting.tasks);
    waiting.giveBack(waiting.tasks - today.tasks);
    const giveBack = (unused: number): void => {
      waiting.giveBack(unused);
      today.giveBack(unused);
    };
    return today.tasks < waiting.tasks
      ? { tasks: today.tasks, code: 'daily_quota_spent', retryAfterS: Math.ceil(today.endsInS), giveBack }
      : { tasks: waiting.tasks, code: 'queue_full', retryAfterS: queueRetryAfterS, giveBack };
  }
}
