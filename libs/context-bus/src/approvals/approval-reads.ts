// Approvals as persons see them, and whether the one who asks may decide.
import { Injectable } from '@nestjs/common';
import type { ApprovalStatus, ApproverRole } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type ApprovalRefusal, type Decider, refusalOf, stateNow } from './approval-decisions.js';
import { linkOf } from '../tasks/asked-approval.js';

/** Times inside are texts as PostgreSQL writes them in JSON. */
export interface DecisionRow {
  readonly person: string;
  readonly name: string;
  readonly verdict: 'approved' | 'denied' | 'delegated';
  readonly comment: string | null;
  readonly delegatedTo: string | null;
  readonly at: string;
}

export interface ApprovalRow {
  readonly approvalId: string;
  readonly status: ApprovalStatus;
  readonly title: string;
  /** Null: a call of a tool that no task makes. */
  readonly taskId: string | null;
  readonly rootId: string | null;
  readonly taskType: string;
  readonly operation: string;
  readonly step: string;
  readonly iteration: number;
  readonly arguments: unknown;
  /** Hexadecimal. */
  readonly hash: string;
  readonly needed: number;
  readonly role: ApproverRole;
  readonly persons: readonly string[] | null;
  readonly decisions: readonly DecisionRow[];
  readonly askedAt: Date;
  /** The same, to the microsecond. */
  readonly place: string;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly usedAt: Date | null;
  /** Why the one who asks may not decide it; null: may. */
  readonly refusal: ApprovalRefusal | null;
}

/** Where a page begins: after this one. */
export interface ApprovalPlace {
  readonly askedAt: string;
  readonly approvalId: string;
}

const columns = `a.approval_id as "approvalId", a.title, a.task_id as "taskId", a.root_id as "rootId", a.task_type as "taskType",
     ${stateNow} as status,
     a.operation, a.step, a.iteration, a.arguments, encode(a.hash, 'hex') as hash, a.needed, a.least_role as role,
     a.deciders as persons, a.asked_at as "askedAt",
     to_char(a.asked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place, a.expires_at as "expiresAt",
     a.ended_at as "endedAt", a.used_at as "usedAt", coalesce((
       select jsonb_agg(jsonb_build_object('person', d.person, 'name', d.name, 'verdict', d.verdict, 'comment', d.comment,
         'delegatedTo', d.delegated_to, 'at', d.at) order by d.at)
       from approval_decision d where d.tenant_id = a.tenant_id and d.approval_id = a.approval_id), '[]') as decisions,
     ${refusalOf('w.aliases')} as refusal`;

const from = `from approval a left join task_queue t on t.tenant_id = a.tenant_id and t.task_id = a.task_id
     cross join (select pulser.identities((select pulser.tenant_id()), $3) as aliases) w`;

const find = statement(
  'approvals.find',
  `select ${columns} ${from} where a.tenant_id = (select pulser.tenant_id()) and a.approval_id = $1
     and ($4::text is null or $4 = ${linkOf('a')})`,
);

const page = statement(
  'approvals.page',
  `select ${columns} ${from} where a.tenant_id = (select pulser.tenant_id()) and ($4::text is null or a.status = $4)
     and ($5::uuid is null or a.task_id = $5 or a.root_id = $5)
     and ($6::timestamptz is null or (a.asked_at, a.approval_id) < ($6, $7::uuid))
   order by a.asked_at desc, a.approval_id desc limit $1`,
);

const lastApproved = statement(
  'approvals.last-approved',
  `select b.approval_id as "approvalId", b.ended_at as "endedAt", b.arguments from approval a join lateral (
     select * from approval where tenant_id = a.tenant_id and status = 'approved' and task_type = a.task_type
       and operation = a.operation and step = a.step and approval_id <> a.approval_id and asked_at <= a.asked_at
     order by asked_at desc, approval_id desc limit 1
   ) b on true
   where a.tenant_id = (select pulser.tenant_id()) and a.approval_id = $1`,
);

export interface LastApproved {
  readonly approvalId: string;
  readonly endedAt: Date;
  readonly arguments: unknown;
}

/** Reads approvals for somebody of the tenant. */
@Injectable()
export class ApprovalReads {
  constructor(private readonly database: Database) {}

  /** @param link signature that must be that of the approval; undefined: none is asked for */
  async find({ tenantId, id, role }: Decider, approvalId: string, link?: string): Promise<ApprovalRow | undefined> {
    const values = [approvalId, role, id, link ?? null];
    return (await this.database.queryAs<ApprovalRow>(tenantId, find, values))[0];
  }

  /** Newest first. @param task of this task, or of one below it as its first ancestor */
  page(
    { tenantId, id, role }: Decider,
    filter: {
      readonly status: ApprovalStatus | undefined;
      readonly task: string | undefined;
      readonly after: ApprovalPlace | undefined;
      readonly limit: number;
    },
  ): Promise<ApprovalRow[]> {
    const { status, task, after, limit } = filter;
    const place = [after?.askedAt ?? null, after?.approvalId ?? null];
    return this.database.queryAs<ApprovalRow>(tenantId, page, [
      limit,
      role,
      id,
      status ?? null,
      task ?? null,
      ...place,
    ]);
  }

  /** The last one of the same operation and step that was approved. */
  async lastApproved(tenantId: string, approvalId: string): Promise<LastApproved | undefined> {
    return (await this.database.queryAs<LastApproved>(tenantId, lastApproved, [approvalId]))[0];
  }
}
