import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { LeasedCounters, type LeasePolicy } from './leased-counter.js';

// How many tasks of a tenant wait.

// Both counts stop where the answer is known. The first follows the index of the backlog: tenant within agent and priority.
const count = statement(
  'tasks.waiting',
  `with quota as (
     select coalesce((select max_waiting from tenant where tenant_id = $1), $2::int) as quota
   ), queued as (
     select count(*)::int as tasks from (
       select from (select distinct agent_name as agent from admitted_task_type) as a cross join unnest(enum_range(null::task_priority)) as p(priority)
       cross join lateral (
         select from task_queue q where q.status = 'queued' and q.assigned_agent = a.agent and q.priority = p.priority
           and q.tenant_id = $1 limit (select quota from quota)
       ) found limit (select quota from quota)
     ) limited
   ), pending as (
     select count(*)::int as tasks from (
       select from task_queue where tenant_id = $1 and status in ('scheduled', 'waiting') limit (select quota from quota)
     ) limited
   )
   select quota.quota, queued.tasks + pending.tasks as waiting from quota, queued, pending`,
);

export interface Waiting {
  /** Max tasks of the tenant that may wait. */
  readonly quota: number;
  /** Those that do; counted up to the quota at least. */
  readonly waiting: number;
}

/** Counts the tasks of a tenant that are queued, scheduled or wait for others. */
@Injectable()
export class WaitingTasks {
  constructor(private readonly database: Database) {}

  /** @param usualQuota of tenants that have none of their own */
  async of(tenantId: string, usualQuota: number): Promise<Waiting> {
    const [row] = await this.database.queryAs<Waiting>(tenantId, count, [tenantId, usualQuota]);
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
const refusalMs = 250;

export const roomIn = ({ quota, waiting, acceptedSince }: QuotaUse): number =>
  Math.max(0, quota - waiting - acceptedSince);

/** Whether to count again before deciding on so many tasks. Tasks that end meanwhile only make room. */
export const isStale = (use: QuotaUse, tasks: number, now: number): boolean => {
  const age = now - use.countedAt;
  if (roomIn(use) < tasks) return age > refusalMs;
  // Near the edge the others' share of the room counts.
  const near = roomIn(use) < use.quota / 2 && use.acceptedSince > roomIn(use) / 4;
  return use.acceptedSince > 0 && (age > freshMs || (near && age > refusalMs));
};

const policy: LeasePolicy<QuotaUse> = {
  mustAsk: isStale,
  left: roomIn,
  use: (use, tasks) => ({ ...use, acceptedSince: use.acceptedSince + tasks }),
};

/** How much room there is. */
export interface QueueRoom {
  readonly tasks: number;
  /** Returns so many of the tasks: they were not accepted. */
  readonly giveBack: (tasks: number) => void;
}

/**
 * Bounds how many tasks of a tenant may wait. Counted now and then, not with every submission: several gateways
 * together may let a tenant go past its quota by what they accept within a moment.
 */
export class QueueQuota {
  private readonly uses = new LeasedCounters(policy);

  /** @param usualQuota of tenants that have none of their own */
  constructor(
    private readonly waiting: WaitingTasks,
    private readonly usualQuota: number,
  ) {}

  /** How many of so many tasks may be accepted now; these count as accepted. @throws DatabaseUnavailable */
  async admit(tenantId: string, tasks: number): Promise<QueueRoom> {
    const { count: admitted, lease } = await this.uses.take(tenantId, tasks, () => this.count(tenantId));
    return {
      tasks: admitted,
      giveBack: (unused) => {
        // A later count has found that they are not there.
        this.uses.giveBack(tenantId, unused, ({ countedAt }) => countedAt === lease.countedAt);
      },
    };
  }

  private async count(tenantId: string): Promise<QuotaUse> {
    const waiting = await this.waiting.of(tenantId, this.usualQuota);
    return { ...waiting, countedAt: performance.now(), acceptedSince: 0 };
  }
}
