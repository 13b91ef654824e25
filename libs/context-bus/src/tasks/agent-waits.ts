// How long the tasks of each agent have waited for a slot, of all tenants together: for the signal by which workers are added.
import { Injectable } from '@nestjs/common';
import { type AgentName, systemTenantId } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

/*
 * Heads are found by a loose index scan, as in `dequeue.ts` and with its conditions: one step per agent, priority, tenant and
 * type, however many rows wait. What is paused waits for no slot. A repeated attempt waits since its back-off ended, a task that was woken since then.
 * Rows lie by when they were made, and one that was scheduled or repeated may have waited for less than the next one: hence
 * sixteen of each. Canaries wait for no slot that is missing.
 */
const all = statement(
  'agent-waits.all',
  `with recursive heads as (
     (select assigned_agent, priority, tenant_id, task_type from task_queue where status = 'queued'
      order by assigned_agent, priority, tenant_id, task_type limit 1)
     union all
     select n.* from heads h cross join lateral (
       select q.assigned_agent, q.priority, q.tenant_id, q.task_type from task_queue q
       where q.status = 'queued'
         and (q.assigned_agent, q.priority, q.tenant_id, q.task_type) > (h.assigned_agent, h.priority, h.tenant_id, h.task_type)
       order by q.assigned_agent, q.priority, q.tenant_id, q.task_type limit 1
     ) n
   ), oldest as (
     select h.assigned_agent as agent_name, min(r.since) as since
     from heads h cross join lateral (
       select case when q.attempts = 0 and q.epoch = 0 then greatest(q.created_at, q.run_at) else q.updated_at end as since
       from task_queue q
       where q.status = 'queued' and q.assigned_agent = h.assigned_agent and q.priority = h.priority
         and q.tenant_id = h.tenant_id and q.task_type = h.task_type
       order by q.priority, q.created_at, q.task_id limit 16
     ) r
     where h.tenant_id <> $1 and not exists (select from task_pause p where (p.tenant_id is null or p.tenant_id = h.tenant_id)
       and (p.agent_name = h.assigned_agent or p.task_type = h.task_type))
     group by 1
   ), counted as (
     select c.agent_name, sum(c.tasks)::int as tasks from task_count_live c
     where c.status = 'queued' and not exists (select from task_pause p
       where (p.tenant_id is null or p.tenant_id = c.tenant_id) and (p.agent_name = c.agent_name or p.task_type = c.task_type))
     group by 1
   )
   select agent_name as agent, coalesce(c.tasks, 0) as tasks,
     coalesce(greatest(extract(epoch from now() - o.since), 0), 0)::float8 as "oldestS"
   from oldest o full join counted c using (agent_name)`,
);

/** What waits for an agent. */
export interface AgentWait {
  readonly agent: AgentName;
  readonly tasks: number;
  /** Seconds that the oldest of them has waited; 0 while it is not known. */
  readonly oldestS: number;
}

/** Queued tasks of all tenants, without those that are paused. */
@Injectable()
export class AgentWaits {
  constructor(private readonly database: Database) {}

  /** Every agent with tasks that wait. */
  all(): Promise<AgentWait[]> {
    return this.database.query<AgentWait>(all, [systemTenantId]);
  }
}
