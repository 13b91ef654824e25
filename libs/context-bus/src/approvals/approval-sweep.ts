// Approvals that nobody decides: those whose time has passed, and those of tasks that ended while they did not wait.
import { Injectable } from '@nestjs/common';
import type { SubmittedTask } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { dispatchColumns, resumedEvents, wokenNow, type WokenRow, wokenTask } from '../tasks/ending-parts.js';

// It never waits for a lock: a decision that comes at this moment is decided by its own look at the clock.
const expire = statement(
  'approvals.expire',
  `with due as materialized (
     select tenant_id, approval_id, task_id from approval where status = 'waiting' and expires_at <= now()
     order by expires_at limit $1 for update skip locked
   ), held as materialized (
     select t.* from due d cross join lateral (
       select tenant_id, d.approval_id from task_queue
       where tenant_id = d.tenant_id and task_id = d.task_id for update skip locked
     ) t
     union all
     select tenant_id, approval_id from due where task_id is null
   ), expired as (
     update approval a set status = 'expired', ended_at = now() from held h
     where a.tenant_id = h.tenant_id and a.approval_id = h.approval_id returning a.tenant_id, a.approval_id, a.task_id
   ), woken as (
     update task_queue t set ${wokenNow} from expired e
     where t.tenant_id = e.tenant_id and t.task_id = e.task_id and t.status = 'waiting' and exists (
       select from task_wait w where w.tenant_id = e.tenant_id and w.task_id = e.task_id and w.is_current
         and w.kind = 'approval' and w.ref = e.approval_id::text
     ) returning t.*
   ), ${resumedEvents('woken', 'resumed')}
   select e.tenant_id as "tenantId", (
     select to_jsonb(w) from (select ${dispatchColumns} from woken where task_id = e.task_id) w
   ) as woken from expired e`,
);

const withdrawLeft = statement(
  'approvals.withdraw-left',
  `with left_over as materialized (
     select a.tenant_id, a.approval_id from approval a
     where a.status = 'waiting' and a.task_id is not null and not exists (
       select from task_queue t where t.tenant_id = a.tenant_id and t.task_id = a.task_id and t.completed_at is null)
     order by a.expires_at limit $1 for update skip locked
   )
   update approval a set status = 'withdrawn', ended_at = now() from left_over l
   where a.tenant_id = l.tenant_id and a.approval_id = l.approval_id returning a.tenant_id as "tenantId"`,
);

const standing = statement(
  'approvals.standing',
  `select count(*)::int as waiting, (count(*) filter (where asked_at < now() - make_interval(secs => $1)))::int as late,
     coalesce(extract(epoch from now() - min(asked_at)), 0)::float8 as "oldestS"
   from approval where status = 'waiting'`,
);

export interface Expired {
  readonly tenantId: string;
  /** The task that goes on; undefined: it did not wait. */
  readonly woken: SubmittedTask | undefined;
}

/** Needs the service role. */
@Injectable()
export class ApprovalSweep {
  constructor(private readonly database: Database) {}

  /** Denies up to `limit` approvals whose time has passed, and queues their tasks. */
  async expire(limit: number): Promise<Expired[]> {
    const rows = await this.database.query<{ tenantId: string; woken: WokenRow | null }>(expire, [limit]);
    return rows.map(({ tenantId, woken }) => ({ tenantId, woken: woken === null ? undefined : wokenTask(woken) }));
  }

  /** Withdraws up to `limit` approvals of tasks that have ended. @returns their tenants */
  async withdrawLeft(limit: number): Promise<string[]> {
    return (await this.database.query<{ tenantId: string }>(withdrawLeft, [limit])).map(({ tenantId }) => tenantId);
  }

  /** How many wait, how many of them for longer than so many seconds, and for how long the oldest has. */
  async standing(lateS: number): Promise<{ waiting: number; late: number; oldestS: number }> {
    const [row] = await this.database.query<{ waiting: number; late: number; oldestS: number }>(standing, [lateS]);
    return row ?? { waiting: 0, late: 0, oldestS: 0 };
  }
}
