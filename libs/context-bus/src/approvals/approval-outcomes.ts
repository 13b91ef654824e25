// What a running task gets of an approval that it asked for.
import { Injectable } from '@nestjs/common';
import type { ApprovalStatus } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import type { ClaimRef } from '../tasks/claims.js';

/** How an approval came out. Only `approved` lets go on what was asked for. */
export interface ApprovalOutcome {
  readonly approvalId: string;
  readonly approved: boolean;
  readonly status: Exclude<ApprovalStatus, 'waiting'>;
  readonly decisions: readonly {
    readonly person: string;
    readonly verdict: 'approved' | 'denied';
    readonly comment: string | null;
  }[];
}

const known = statement(
  'approvals.known',
  `select status from approval where tenant_id = (select pulser.tenant_id()) and approval_id = $1`,
);

// Fenced: an attempt that lost its task gets nothing. Bound to the hash once more, and noted that it was used.
const take = statement(
  'approvals.take',
  `with held as materialized (
     select t.tenant_id, t.task_id from task_queue t
     where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1 and t.epoch = $2 and t.status = 'running' for update
   ), taken as (
     update approval a set used_at = coalesce(a.used_at, now()) from held h
     where a.tenant_id = h.tenant_id and a.task_id = h.task_id and a.approval_id = $3 and a.hash = decode($4, 'hex')
       and a.status <> 'waiting' returning a.*
   ), settled as (
     update task_wait w set satisfied_at = coalesce(w.satisfied_at, now()) from taken a
     where w.tenant_id = a.tenant_id and w.task_id = a.task_id and w.key = a.wait_key
   )
   select a.approval_id as "approvalId", a.status = 'approved' as approved, a.status, coalesce((
     select jsonb_agg(jsonb_build_object('person', d.person, 'verdict', d.verdict, 'comment', d.comment) order by d.at)
     from approval_decision d where d.tenant_id = a.tenant_id and d.approval_id = a.approval_id and d.verdict <> 'delegated'
   ), '[]') as decisions from taken a`,
);

@Injectable()
export class ApprovalOutcomes {
  constructor(private readonly database: Database) {}

  /** @returns undefined when the task has not asked for it yet */
  async status({ tenantId }: ClaimRef, approvalId: string): Promise<ApprovalStatus | undefined> {
    const [row] = await this.database.queryAs<{ status: ApprovalStatus }>(tenantId, known, [approvalId]);
    return row?.status;
  }

  /** What was decided, for the attempt that has the task. @returns undefined when nothing is, or the lease is lost */
  async take(claim: ClaimRef, approvalId: string, hash: string): Promise<ApprovalOutcome | undefined> {
    const { tenantId, taskId, epoch } = claim;
    const values = [taskId, epoch, approvalId, hash];
    return (await this.database.queryAs<ApprovalOutcome>(tenantId, take, values))[0];
  }
}
