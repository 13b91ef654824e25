import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

// Both counts stop where the answer is known. The first follows the index of the backlog: tenant within agent and priority.
const count = statement(
  'tasks.waiting',
  `with quota as (
     select coalesce((select max_waiting from tenant where tenant_id = $1), $2::int) as quota
   ), queued as (
     select count(*)::int as tasks from (
       select from unnest($3::text[]) as a(agent) cross join unnest(enum_range(null::task_priority)) as p(priority)
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
  /** Most tasks of the tenant that may wait. */
  readonly quota: number;
  /** Those that do; counted up to the quota at least. */
  readonly waiting: number;
}

/** How much of its quota a tenant uses: tasks that are queued, scheduled or wait for others. */
@Injectable()
export class WaitingTasks {
  constructor(private readonly database: Database) {}

  /** @param usualQuota of tenants that have none of their own */
  async of(tenantId: string, usualQuota: number, agents: readonly string[]): Promise<Waiting> {
    const [row] = await this.database.queryAs<Waiting>(tenantId, count, [tenantId, usualQuota, agents]);
    if (row === undefined) throw new Error('A count has no row');
    return row;
  }
}
