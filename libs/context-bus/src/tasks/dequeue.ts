import type { AgentName, Priority, TaskType } from '@pulser/contracts';
import { statement, type Statement } from '@pulser/database';

// Which queued rows are dispatched next: by priority, in fair shares among tenants, oldest first.

/** A queued row as the dispatcher sends it on. */
export interface Dispatchable {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly priority: Priority;
  /** It has waited so long that it travels with the highest priority. */
  readonly boosted: boolean;
  readonly assigned_agent: AgentName;
  readonly payload: Record<string, unknown> | null;
  readonly traceparent: string | null;
}

/** The share of its tenant's part of an agent that a row takes: an interval of virtual time, see FairShares. */
export interface Share {
  readonly tenantId: string;
  readonly start: number;
  readonly end: number;
}

/** What each tenant got of an agent, as the statements take it. */
export interface FairSharesSnapshot {
  readonly tenants: readonly string[];
  readonly ends: readonly number[];
  readonly time: number;
}

/**
 * Virtual times of start-time fair queueing: a tenant's next task starts where its last one ended, or now when it had
 * nothing to do for a while, so that no tenant saves up. https://doi.org/10.1145/248157.248171
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

/** Payloads up to this many bytes travel in the message; the claim fetches larger ones. */
export const inlinePayloadBytes = 65_536;

interface DequeuePlan {
  readonly name: string;
  /** Which queued rows `q` may be sent now. May use $8 and $9. */
  readonly ready: string;
  /** What else sending them changes. */
  readonly set?: string;
}

/** Most rows of one statement. */
export const maxBatch = 512;

const lowestId = '00000000-0000-0000-0000-000000000000';

/*
 * Parameters: $1 agent, $2 and $3 lowest and highest priority, $4 most rows, $5 tenants with the ends of what they got
 * ($6) and $7 the time of the shares (see FairShares), $8 and $9 see `ready`.
 *
 * Under row-level security the planner may neither use its statistics nor take an enum's equality for a constant (the
 * operators are not leakproof). Comparing whole rows, ordering by the priority again, and a literal limit inside each
 * unknown one keep it from sorting a million rows of which it needs the first few.
 * The heads are found by a loose index scan: one step per tenant and type, however many rows wait. A pause hides a head
 * with all that is behind it. Then start-time fair queueing among tenants, in which a row costs 1 / weight:
 * https://doi.org/10.1145/248157.248171
 * The condition is checked again where a row is locked: another router may have sent it since this statement began.
 * The interval to the next dispatch of a row doubles: 8 s, 16 s ... about 4 min.
 */
const textOf = ({ ready, set = '' }: DequeuePlan): string => `
  with recursive heads as (
    (select priority, tenant_id, task_type from task_queue
     where status = 'queued' and assigned_agent = $1 and priority <= $3
       and (priority, tenant_id, task_type) >= ($2, '${lowestId}', '')
     order by priority, tenant_id, task_type limit 1)
    union all
    select n.* from heads h cross join lateral (
      select q.priority, q.tenant_id, q.task_type from task_queue q
      where q.status = 'queued' and q.assigned_agent = $1 and q.priority <= $3
        and (q.priority, q.tenant_id, q.task_type) > (h.priority, h.tenant_id, h.task_type)
      order by q.priority, q.tenant_id, q.task_type limit 1
    ) n
  ), open as (
    select h.*, t.weight, least($4::int, 8 + 2 * $4::int * t.weight / sum(t.weight) over ())::int as most
    from heads h join tenant t using (tenant_id)
    where not exists (select from task_pause p where (p.tenant_id is null or p.tenant_id = h.tenant_id)
      and (p.agent_name = $1 or p.task_type = h.task_type))
  ), waiting as (
    select o.weight, o.most, r.* from open o cross join lateral (
      select l.*, row_number() over (order by l.created_at, l.task_id) as place from (
        select q.tenant_id, q.task_id, q.created_at from task_queue q
        where q.status = 'queued' and q.assigned_agent = $1 and q.priority = o.priority and q.tenant_id = o.tenant_id
          and q.task_type = o.task_type and (${ready})
        order by q.priority, q.created_at, q.task_id limit ${maxBatch}
      ) l order by l.created_at, l.task_id limit o.most
    ) r
  ), shares as (
    select * from unnest($5::uuid[], $6::float8[]) as s(tenant_id, share_end)
  ), turns as (
    select w.tenant_id, w.task_id, w.weight, bool_or(place = most) over () as more,
      greatest(coalesce(s.share_end, $7::float8), $7::float8)
        + (row_number() over (partition by w.tenant_id order by w.created_at, w.task_id) - 1)::float8 / w.weight as share_start
    from waiting w left join shares s using (tenant_id)
  ), first as (
    select * from (select * from turns order by share_start, task_id limit ${maxBatch}) t limit $4
  ), chosen as (
    select q.tenant_id, q.task_id, f.share_start, f.share_start + 1::float8 / f.weight as share_end, f.more
    from first f join task_queue q using (tenant_id, task_id)
    where q.status = 'queued' and (${ready})
    order by f.task_id for update of q skip locked
  )
  update task_queue t set dispatches = t.dispatches + 1, ${set}
    due_at = now() + interval '4 s' * power(2, least(t.dispatches + 1, 6))
  from chosen c where t.tenant_id = c.tenant_id and t.task_id = c.task_id
  returning t.task_id, t.tenant_id, t.task_type, t.priority, t.assigned_agent, t.traceparent, t.boosted or t.raised as boosted,
    c.share_start as "shareStart", c.share_end as "shareEnd", c.more,
    case when pg_column_size(t.payload) <= ${inlinePayloadBytes} then t.payload end as payload`;

const dequeue = (plan: DequeuePlan): Statement => statement(plan.name, textOf(plan));

// A row is due four seconds after its insert. One with a later time was put there for its own reason and is sent by another
// process: the canary of an agent, which must not reach the agent that stands in for it.
const skipped = `q.dispatches = 0 and q.task_id >= $8::uuid and q.due_at <= now() + interval '4 s'`;

/** Rows that are due, and those from id $8 on that were never sent. */
export const dequeueDue = dequeue({
  name: 'backlog.dequeue-due',
  ready: `q.due_at <= now() or (${skipped})`,
});

/**
 * As `dequeueDue`, and rows that were last sent before $9: to an agent that has failed since. When a row was sent follows from
 * its `due_at`: that is 4 s after its insert, later as far behind its dispatch as the statement above sets it.
 */
export const dequeueResent = dequeue({
  name: 'backlog.dequeue-resent',
  ready: `q.due_at <= now() or (${skipped})
    or q.due_at - interval '4 s' * power(2, least(q.dispatches, 6)) < $9::timestamptz`,
});

/** Rows that have waited for $8 seconds: they are boosted, once. A boosted one whose message was lost counts again. */
export const dequeueAged = dequeue({
  name: 'backlog.dequeue-aged',
  ready: `q.created_at < now() - $8::int * interval '1 s'
    and coalesce(q.run_at, q.created_at) < now() - $8::int * interval '1 s'
    and (not (q.boosted or q.raised) or q.due_at <= now())`,
  set: 'boosted = true,',
});
