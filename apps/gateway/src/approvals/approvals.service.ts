// Approvals as the API shows them, and what comes of decisions about them.
import { Injectable } from '@nestjs/common';
import {
  ApprovalDecisions,
  type ApprovalPlace,
  ApprovalReads,
  type ApprovalRefusal,
  type ApprovalRow,
  AuditTrail,
  type DecisionOutcome,
  type DecisionRow,
  type Decider,
  type DelegationOutcome,
  DispatchPort,
  principalId,
} from '@pulser/context-bus';
import {
  type ApprovalDelegation,
  type ApprovalDetail,
  type ApprovalPage,
  type ApprovalQuery,
  type ApprovalStatus,
  type ApprovalVerdict,
  type ApprovalView,
  HttpError,
} from '@pulser/contracts';
import { StreamedTenants } from '@pulser/messaging';
import { Metrics } from '@pulser/service-kit';
import { patchOf } from '@pulser/workflows';

import type { RequestCaller } from '../access/caller.js';
import { notFound } from '../rest/parameters.js';

const instant = (text: string): string => new Date(text).toISOString();

const decisionView = ({ delegatedTo, at, ...row }: DecisionRow): ApprovalView['decisions'][number] => ({
  ...row,
  delegated_to: delegatedTo,
  at: instant(at),
});

export const approvalView = (row: ApprovalRow): ApprovalView => ({
  approval_id: row.approvalId,
  status: row.status,
  title: row.title,
  task_id: row.taskId,
  root_id: row.rootId,
  task_type: row.taskType === '' ? null : row.taskType,
  operation: row.operation === '' ? null : row.operation,
  step: row.step === '' ? null : row.step,
  iteration: row.iteration,
  arguments: row.arguments,
  hash: row.hash,
  needed: row.needed,
  approved_by: row.decisions.filter(({ verdict }) => verdict === 'approved').length,
  role: row.role,
  persons: row.persons === null ? null : [...row.persons],
  decisions: row.decisions.map(decisionView),
  asked_at: row.askedAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
  ended_at: row.endedAt?.toISOString() ?? null,
  used_at: row.usedAt?.toISOString() ?? null,
  may_decide: row.refusal === null,
  refusal: row.refusal,
});

// What follows the prefix may change with it; clients send back what they got.
const cursorShape = /^v1:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

const cursorAfter = ({ place, approvalId }: ApprovalRow): string =>
  Buffer.from(`v1:${place} ${approvalId}`).toString('base64url');

/** @throws HttpError `invalid_request` */
const placeOf = (cursor: string | undefined): ApprovalPlace | undefined => {
  if (cursor === undefined) return undefined;
  const [, askedAt, approvalId] = cursorShape.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (askedAt !== undefined && approvalId !== undefined && !Number.isNaN(Date.parse(askedAt)))
    return { askedAt, approvalId };
  const detail = 'Not a cursor of this API: send `next_cursor` as it came, or none for the first page';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/cursor', detail }] });
};

const deciderOf = (caller: RequestCaller): Decider => ({
  tenantId: caller.tenantId,
  id: principalId(caller),
  name: caller.name,
  role: caller.role,
});

/** Who may decide it, for those who may not. */
const decidersText = ({ persons, role }: Pick<ApprovalView, 'persons' | 'role'>): string =>
  `It is decided by ${persons === null ? `another person with the role ${role}` : persons.join(' or ')}`;

const refused = (refusal: ApprovalRefusal, status: ApprovalStatus, approval: ApprovalView): HttpError => {
  const extensions = { approval_status: status };
  switch (refusal) {
    case 'ended':
      return new HttpError('conflict', { detail: `Nothing is to be decided any more: it is ${status}`, extensions });
    case 'decided':
      return new HttpError('conflict', {
        detail: 'You have decided it already, with this key or another one',
        extensions,
      });
    case 'forbidden':
    case 'not_a_decider':
    case 'self_approval':
      return new HttpError(refusal, { detail: decidersText(approval), extensions });
  }
};

type Refused<Outcome extends { readonly kind: string }> = Extract<Outcome, { readonly kind: 'refused' }>;

const decisionRefusal = (
  outcome: Exclude<DecisionOutcome, { readonly woken: unknown } | Refused<DecisionOutcome>>,
): HttpError => {
  switch (outcome.kind) {
    case 'no_approval':
      return notFound('approval');
    case 'other_hash':
      return new HttpError('precondition_failed', { detail: 'What is asked for is not what was looked at' });
  }
};

const delegationRefusal = (
  outcome: Exclude<DelegationOutcome, { readonly kind: 'delegated' } | Refused<DelegationOutcome>>,
): HttpError => {
  switch (outcome.kind) {
    case 'no_approval':
      return notFound('approval');
    case 'no_place':
      return new HttpError('conflict', { detail: 'No persons are named: everybody with the role may decide it' });
    case 'taken':
      return new HttpError('conflict', { detail: 'This person has a place already' });
    case 'self_approval':
      return new HttpError('self_approval', { detail: 'This person had a part in the request' });
  }
};

/** Counts what persons decide. */
@Injectable()
export class ApprovalMetrics {
  private readonly decided;

  constructor(metrics: Metrics) {
    this.decided = metrics.counter({
      name: 'pulser_approvals_decided_total',
      help: 'Approvals by how they came out: approved or denied (counted by gateways), expired or withdrawn',
      labelNames: ['outcome'],
    });
    for (const outcome of ['approved', 'denied']) this.decided.labels(outcome).inc(0);
  }

  ended(outcome: ApprovalStatus): void {
    this.decided.labels(outcome).inc();
  }
}

@Injectable()
export class Approvals {
  constructor(
    private readonly reads: ApprovalReads,
    private readonly decisions: ApprovalDecisions,
    private readonly audit: AuditTrail,
    private readonly dispatch: DispatchPort,
    private readonly streamed: StreamedTenants,
    private readonly metrics: ApprovalMetrics,
  ) {}

  /** @throws HttpError `invalid_request` */
  async page(caller: RequestCaller, { status, task, limit, cursor }: ApprovalQuery): Promise<ApprovalPage> {
    const rows = await this.reads.page(deciderOf(caller), { status, task, limit, after: placeOf(cursor) });
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { approvals: rows.map(approvalView), next_cursor: last === undefined ? null : cursorAfter(last) };
  }

  /** @param link signature of a link that must be that of the approval. @throws HttpError `not_found` */
  async view(caller: RequestCaller, approvalId: string, link?: string): Promise<ApprovalDetail> {
    const row = await this.reads.find(deciderOf(caller), approvalId, link);
    if (row === undefined) throw notFound('approval');
    const last = await this.reads.lastApproved(caller.tenantId, approvalId);
    return {
      ...approvalView(row),
      last_approved:
        last === undefined
          ? null
          : { approval_id: last.approvalId, ended_at: last.endedAt.toISOString(), arguments: last.arguments },
      changes: last === undefined ? null : patchOf(last.arguments, row.arguments),
    };
  }

  /** @throws HttpError `not_found`, `self_approval`, `not_a_decider`, `forbidden`, `conflict`, `precondition_failed` */
  async decide(
    caller: RequestCaller,
    approvalId: string,
    verdict: 'approved' | 'denied',
    { comment, hash }: ApprovalVerdict,
  ): Promise<ApprovalDetail> {
    const { tenantId, actor } = caller;
    const outcome = await this.decisions.decide(deciderOf(caller), actor, approvalId, { verdict, comment, hash });
    if (!('woken' in outcome)) {
      await this.noteRefusal(caller, approvalId, outcome);
      throw outcome.kind === 'refused' ? await this.refusal(caller, approvalId, outcome) : decisionRefusal(outcome);
    }
    if (outcome.woken.length > 0) this.dispatch.submitted(outcome.woken);
    if (outcome.kind === 'counted' && outcome.status !== 'waiting') this.metrics.ended(outcome.status);
    this.streamed.publishChanged(tenantId, 'approvals', 'tasks');
    return this.view(caller, approvalId);
  }

  /** @throws HttpError `not_found`, `self_approval`, `not_a_decider`, `forbidden`, `conflict` */
  async delegate(
    caller: RequestCaller,
    approvalId: string,
    { to, comment }: ApprovalDelegation,
  ): Promise<ApprovalDetail> {
    const outcome = await this.decisions.delegate(deciderOf(caller), caller.actor, approvalId, { to, comment });
    if (outcome.kind !== 'delegated') {
      await this.noteRefusal(caller, approvalId, outcome);
      throw outcome.kind === 'refused' ? await this.refusal(caller, approvalId, outcome) : delegationRefusal(outcome);
    }
    this.streamed.publishChanged(caller.tenantId, 'approvals');
    return this.view(caller, approvalId);
  }

  private async refusal(
    caller: RequestCaller,
    approvalId: string,
    { refusal, status }: Refused<DecisionOutcome>,
  ): Promise<HttpError> {
    return refused(refusal, status, await this.view(caller, approvalId));
  }

  /** The audit trail has who tried to decide what was not theirs. */
  private async noteRefusal(
    { tenantId, actor }: RequestCaller,
    approvalId: string,
    outcome: DecisionOutcome | DelegationOutcome,
  ): Promise<void> {
    const why = outcome.kind === 'refused' ? outcome.refusal : outcome.kind;
    if (why !== 'self_approval' && why !== 'not_a_decider') return;
    await this.audit.refused(tenantId, actor, `approval.${why.replace('_', '-')}`, [approvalId]);
  }
}
