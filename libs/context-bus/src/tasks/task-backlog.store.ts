import { Injectable } from '@nestjs/common';
import type { AgentName, Priority } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import type { Dispatchable } from './dispatchable.js';

/** Rows from this id on had their nudge dropped; undefined when none had. */
export type Watermark = string | undefined;

/** Payloads up to this many bytes ride in the message; the claim fetches larger ones. */
export const inlinePayloadBytes = 65_536;

const noId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

// The tenants' heads by a loose index scan, then one row of each tenant in turn: nobody stands behind another's thousands.
// Asked again where the row is locked: another router may have sent it since this statement began.
// The look after a dispatch comes later each time: 8 s, 16 s ... about 4 min.
const take = statement(
  'backlog.take',
  `with recursive tenants as (
     (select tenant_id from task_queue where status = 'queued' and assigned_agent = $1 and priority = $2
      order by tenant_id limit 1)
     union all
     select (select q.tenant_id from task_queue q where q.status = 'queued' and q.assigned_agent = $1
       and q.priority = $2 and q.tenant_id > t.tenant_id order by q.tenant_id limit 1)
     from tenants t where t.tenant_id is not null
   ), heads as (
     select h.* from tenants t cross join lateral (
       select q.tenant_id, q.task_id, row_number() over (order by q.task_id) as turn from task_queue q
       where q.status = 'queued' and q.assigned_agent = $1 and q.priority = $2 and q.tenant_id = t.tenant_id
         and (q.due_at <= now() or (q.dispatches = 0 and q.task_id >= $3))
       order by q.task_id limit $4
     ) h where t.tenant_id is not null
   ), chosen as (
     select q.tenant_id, q.task_id from heads h join task_queue q using (tenant_id, task_id)
     where q.status = 'queued' and (q.due_at <= now() or (q.dispatches = 0 and q.task_id >= $3))
     order by h.turn, h.task_id limit $4 for update of q skip locked
   )
   update task_queue t set dispatches = t.dispatches + 1,
     due_at = now() + interval '4 s' * power(2, least(t.dispatches + 1, 6))
   from chosen c where t.tenant_id = c.tenant_id and t.task_id = c.task_id
   returning t.task_id, t.tenant_id, t.task_type, t.priority, t.assigned_agent, t.traceparent,
     case when pg_column_size(t.payload) <= ${inlinePayloadBytes} then t.payload end as payload`,
);

const depths = statement(
  'backlog.depths',
  `select assigned_agent as agent, priority, count(*)::int as tasks from task_queue
   where status = 'queued' group by 1, 2`,
);

// A loose index scan: as many steps as there are pairs, however many rows wait.
const waiting = statement(
  'backlog.waiting',
  `with recursive pairs as (
     (select assigned_agent, priority from task_queue where status = 'queued' order by 1, 2 limit 1)
     union all
     select n.* from pairs p cross join lateral (
       select q.assigned_agent, q.priority from task_queue q
       where q.status = 'queued' and (q.assigned_agent, q.priority) > (p.assigned_agent, p.priority)
       order by 1, 2 limit 1
     ) n
   )
   select assigned_agent as agent, priority from pairs`,
);

export interface Lane {
  readonly agent: AgentName;
  readonly priority: Priority;
}

export interface Depth extends Lane {
  readonly tasks: number;
}

/** Queued rows whose nudge was lost, dropped or is not yet sent. */
@Injectable()
export class TaskBacklog {
  constructor(private readonly database: Database) {}

  /**
   * Takes up to `limit` rows of one agent and priority, fair among tenants, oldest first, and counts the dispatch.
   * Several routers may call it at once: each row goes to one of them.
   */
  take(agent: AgentName, priority: Priority, dropped: Watermark, limit: number): Promise<Dispatchable[]> {
    return this.database.query<Dispatchable & Record<string, unknown>>(take, [agent, priority, dropped ?? noId, limit]);
  }

  /** Agents and priorities with at least one queued row. */
  waiting(): Promise<Lane[]> {
    return this.database.query<Lane & Record<string, unknown>>(waiting);
  }

  /** Rows that wait, by agent and priority. */
  depths(): Promise<Depth[]> {
    return this.database.query<Depth & Record<string, unknown>>(depths);
  }
}
