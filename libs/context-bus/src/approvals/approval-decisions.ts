// What persons decide about approvals. The statement that makes the decision complete wakes the task in itself: both are on
// disk, or none is, and however often it is sent, one has an effect.
import { Injectable } from '@nestjs/common';
import type { ApprovalStatus, RoleName, SubmittedTask } from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';
import { dispatchColumns, resumedEvents, wokenNow, type WokenRow, wokenTask } from '../tasks/ending-parts.js';

/** Why somebody may not decide: `decided` before, and `ended`: there is nothing to decide any more. */
export type ApprovalRefusal = 'forbidden' | 'not_a_decider' | 'self_approval' | 'decided' | 'ended';

/** Who decides. */
export interface Decider {
  readonly tenantId: string;
  /** Id of a key, or subject of a token. */
  readonly id: string;
  readonly name: string;
  readonly role: RoleName;
}

export interface Verdict {
  readonly verdict: 'approved' | 'denied';
  readonly comment: string | undefined;
  /** Of what was looked at, hexadecimal. */
  readonly hash: string | undefined;
}

/** What became of a decision. `repeated`: the person had decided so before. */
export type DecisionOutcome =
  | { readonly kind: 'no_approval' | 'other_hash' }
  | { readonly kind: 'refused'; readonly refusal: ApprovalRefusal; readonly status: ApprovalStatus }
  | {
      readonly kind: 'counted' | 'repeated';
      readonly status: ApprovalStatus;
      readonly woken: readonly SubmittedTask[];
    };

const ofApproval = 'tenant_id = (select pulser.tenant_id()) and approval_id = $1';

// Tasks come before approvals, as in the statement that asks.
const lockTask = statement(
  'approvals.lock-task',
  `select from task_queue where tenant_id = (select pulser.tenant_id())
     and task_id = (select task_id from approval where ${ofApproval}) for update`,
);

const lock = statement('approvals.lock', `select approval_id from approval where ${ofApproval} for update`);

// One that is over without a statement that said so is what it will be.
/** SQL: the state of the approval `a` of the task `t`. */
export const stateNow = `case when a.status = 'waiting' and t.completed_at is not null then 'withdrawn'
       when a.status = 'waiting' and a.expires_at <= now() then 'expired' else a.status end`;

/** SQL: why a person with the names `aliases` and the role `$2` may not decide the approval `a` of the task `t`. */
export const refusalOf = (aliases: string): string => `case
       when a.status <> 'waiting' or a.expires_at <= now() or t.completed_at is not null then 'ended'
       when a.least_role = 'admin' and $2 <> 'admin' or $2 not in ('approver', 'admin') then 'forbidden'
       when ${aliases} && a.requesters then 'self_approval'
       when not coalesce(${aliases} && a.deciders, true) then 'not_a_decider'
       when exists (select from approval_decision d where d.tenant_id = a.tenant_id and d.approval_id = a.approval_id
         and d.aliases && ${aliases}) then 'decided'
     end`;

// A call of a tool may ask without a task.
const task = 'left join task_queue t on t.tenant_id = a.tenant_id and t.task_id = a.task_id';

const judged = `who as (
     select pulser.identities((select pulser.tenant_id()), $3) as aliases, pulser.person_of((select pulser.tenant_id()), $3) as person
   ), judged as (
     select a.*, ${stateNow} as state, w.aliases, w.person, ${refusalOf('w.aliases')} as refusal
     from who w, approval a ${task} where a.tenant_id = (select pulser.tenant_id()) and a.approval_id = $1
   )`;

const decide = statement(
  'approvals.decide',
  `with ${judged}, before as materialized (
     select verdict from approval_decision d, who w where d.${ofApproval} and d.aliases && w.aliases
   ), fitting as (
     select * from judged where refusal is null and coalesce(hash = decode($6, 'hex'), true)
   ), made as (
     insert into approval_decision (tenant_id, approval_id, person, verdict, aliases, name, comment)
     select tenant_id, approval_id, person, $4, aliases, $5, $7 from fitting returning *
   ), changed as (
     update approval a set status = $4, ended_at = now() from made m
     where a.tenant_id = m.tenant_id and a.approval_id = m.approval_id and ($4 = 'denied' or a.needed <= 1 + (
       select count(*) from approval_decision d where d.${ofApproval} and d.verdict = 'approved'))
     returning a.*
   ), woken as (
     update task_queue t set ${wokenNow} from changed c
     where t.tenant_id = c.tenant_id and t.task_id = c.task_id and t.status = 'waiting' and exists (
       select from task_wait w where w.tenant_id = c.tenant_id and w.task_id = c.task_id and w.is_current
         and w.kind = 'approval' and w.ref = c.approval_id::text
     ) returning t.*
   ), ${resumedEvents('woken', 'resumed')}
   select j.refusal, coalesce((select status from changed), j.state) as status,
     coalesce(j.hash = decode($6, 'hex'), true) as "isSame", exists (select from made) as counted,
     $4 in (select verdict from before) as repeated,
     (select jsonb_agg(to_jsonb(w)) from (select ${dispatchColumns} from woken) w) as woken
   from judged j`,
);

interface DecidedRow {
  readonly refusal: ApprovalRefusal | null;
  readonly status: ApprovalStatus;
  readonly isSame: boolean;
  readonly counted: boolean;
  readonly repeated: boolean;
  readonly woken: readonly WokenRow[] | null;
}

const outcomeOf = ({ refusal, status, isSame, counted, repeated, woken }: DecidedRow): DecisionOutcome => {
  if (!isSame) return { kind: 'other_hash' };
  if (counted) return { kind: 'counted', status, woken: (woken ?? []).map(wokenTask) };
  if (repeated) return { kind: 'repeated', status, woken: [] };
  return { kind: 'refused', refusal: refusal ?? 'ended', status };
};

// The place goes to another person, whom the same rules hold.
const delegate = statement(
  'approvals.delegate',
  `with ${judged}, other as (
     select pulser.person_of((select pulser.tenant_id()), $4) as person, pulser.identities((select pulser.tenant_id()), $4) as aliases
   ), fitting as (
     select j.*, o.person as other from judged j, other o
     where j.refusal is null and j.deciders is not null and not o.aliases && j.requesters and not o.aliases && j.deciders
       and not o.aliases && j.aliases
   ), made as (
     insert into approval_decision (tenant_id, approval_id, person, verdict, aliases, name, comment, delegated_to)
     select tenant_id, approval_id, person, 'delegated', aliases, $5, $6, $4 from fitting returning *
   ), changed as (
     update approval a set deciders = array(
       select d from unnest(a.deciders) d where not array[d] && pulser.identities(a.tenant_id, $3)) || $4::text
     from made m where a.tenant_id = m.tenant_id and a.approval_id = m.approval_id returning a.approval_id
   )
   select j.refusal, j.state as status, j.deciders is not null as "isNamed", o.aliases && j.requesters as "isRequester",
     exists (select from changed) as counted
   from judged j, other o`,
);

/** What became of a delegation. `no_place`: no persons are named; `taken`: the other one is named already, or is oneself. */
export type DelegationOutcome =
  | { readonly kind: 'delegated' }
  | { readonly kind: 'no_approval' | 'no_place' | 'self_approval' | 'taken' }
  | { readonly kind: 'refused'; readonly refusal: ApprovalRefusal; readonly status: ApprovalStatus };

interface DelegatedRow {
  readonly refusal: ApprovalRefusal | null;
  readonly status: ApprovalStatus;
  readonly isNamed: boolean;
  readonly isRequester: boolean;
  readonly counted: boolean;
}

const delegationOf = ({ refusal, status, isNamed, isRequester, counted }: DelegatedRow): DelegationOutcome => {
  if (refusal !== null) return { kind: 'refused', refusal, status };
  if (counted) return { kind: 'delegated' };
  if (!isNamed) return { kind: 'no_place' };
  return { kind: isRequester ? 'self_approval' : 'taken' };
};

/** Decides approvals, in the name of persons. */
@Injectable()
export class ApprovalDecisions {
  constructor(private readonly database: Database) {}

  /** @throws DatabaseUnavailable */
  decide(decider: Decider, actor: Actor, approvalId: string, given: Verdict): Promise<DecisionOutcome> {
    const { role, id, name } = decider;
    const { verdict, hash, comment } = given;
    return this.locked(decider, actor, approvalId, async (transaction) => {
      const values = [approvalId, role, id, verdict, name, hash ?? null, comment ?? null];
      const [row] = await transaction.query<DecidedRow>(decide, values);
      return row === undefined ? { kind: 'no_approval' } : outcomeOf(row);
    });
  }

  /** A named decider gives the place to another person. @param to id of a key, or subject of a token. @throws DatabaseUnavailable */
  delegate(
    decider: Decider,
    actor: Actor,
    approvalId: string,
    { to, comment }: { readonly to: string; readonly comment: string | undefined },
  ): Promise<DelegationOutcome> {
    const { role, id, name } = decider;
    return this.locked(decider, actor, approvalId, async (transaction) => {
      const values = [approvalId, role, id, to, name, comment ?? null];
      const [row] = await transaction.query<DelegatedRow>(delegate, values);
      return row === undefined ? { kind: 'no_approval' } : delegationOf(row);
    });
  }

  private locked<T>(
    { tenantId }: Decider,
    actor: Actor,
    approvalId: string,
    work: (transaction: TenantTransaction) => Promise<T>,
  ): Promise<T> {
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      await transaction.query(lockTask, [approvalId]);
      await transaction.query(lock, [approvalId]);
      return work(transaction);
    });
  }
}
