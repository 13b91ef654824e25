// Children of a running task, and what it waits for: the worker's side of `child` and `waitFor`.
import { Injectable } from '@nestjs/common';
import { BriefCache } from '@pulser/concurrency';
import {
  approvalHash,
  approvalIdOf,
  ApprovalOutcomes,
  askedApproval,
  type AwaitedThing,
  type Claim,
  Destinations,
  Intake,
  type Order,
  type Principal,
  type Refusal,
  RootPrincipals,
  submissionRefusal,
  TaskTypes,
  TaskWaits,
} from '@pulser/context-bus';
import { fieldProblems, SubmitTask, TaskError, type TaskType } from '@pulser/contracts';

import type { ChildOrder } from '../skills/task-context.js';
import type { WaitOutcome } from '../skills/task-waits.js';
import { type CheckedRequest, invalidWait, type Look, type PendingWait, pendingWait } from '../skills/waiting.js';
import type { Attempt } from './attempt.js';
import { checkedKey, type WaitingCalls } from './handler-context.js';
import { retryWhileUnavailable } from './retry-while-unavailable.js';

/** Milliseconds for which it counts in whose name a task works: a fan-out of thousands reads it a few times. */
const principalCacheMs = 750;

/** Milliseconds after which a child may be submitted that found no room. */
const noRoomRetryMs = 5_000;

const refused = (reason: string, details: Readonly<Record<string, unknown>> = {}): TaskError =>
  new TaskError('child_refused', `The child was not accepted: ${reason}`, { details: { reason, ...details } });

/** A refusal of the intake as the failure of the parent. */
const childRefusal = (refusal: Refusal): TaskError => {
  switch (refusal.code) {
    case 'queue_full':
    case 'daily_quota_spent': {
      const retryAfterMs = Math.max(noRoomRetryMs, refusal.retryAfterS * 1_000);
      const facts = { details: { reason: refusal.code }, permanent: false, retryAfterMs };
      return new TaskError('child_refused', `The child was not accepted: ${refusal.code}`, facts);
    }
    case 'invalid_payload':
    case 'unknown_destination':
      return refused(refusal.code, { problems: refusal.problems });
    case 'forbidden':
    case 'forbidden_task_type':
    case 'task_type_not_served':
    case 'parent_ended':
    case 'too_many_children':
    case 'nested_too_deep':
      return refused(refusal.code);
  }
};

const orderOf = (given: ChildOrder): SubmitTask => {
  const parsed = SubmitTask.safeParse(given);
  if (parsed.success) return parsed.data;
  throw refused('invalid_request', { problems: fieldProblems(parsed.error) });
};

const operationIn = (attempt: Attempt): string => {
  const { operation } = attempt.payload;
  return typeof operation === 'string' ? operation.slice(0, 200) : '';
};

/** What is asked for, bound to what it is exactly: the id of an approval is made of the hash of it. */
const approvalFor = (attempt: Attempt, key: string, asks: CheckedRequest): Pick<AwaitedThing, 'ref' | 'approval'> => {
  const { title, step, iteration, rules, arguments: given, operation = operationIn(attempt) } = asks;
  const subject = { key, taskType: attempt.taskType, operation, step, iteration, arguments: given };
  return { ref: approvalIdOf(attempt.taskId, approvalHash(subject)), approval: askedApproval(title, subject, rules) };
};

const withApproval = (attempt: Attempt, pending: PendingWait): PendingWait => {
  const { wait, asks } = pending;
  if (asks === undefined) return pending;
  return { ...pending, wait: { ...wait, ...approvalFor(attempt, wait.key, asks) } };
};

/** What a worker does for the children and the waits of its handlers. */
@Injectable()
export class WaitingHost {
  private readonly principals = new BriefCache<Principal | undefined>(principalCacheMs);

  constructor(
    private readonly intake: Intake,
    private readonly roots: RootPrincipals,
    private readonly waits: TaskWaits,
    private readonly approvals: ApprovalOutcomes,
    private readonly destinations: Destinations,
    private readonly types: TaskTypes,
  ) {}

  /** The calls of one attempt. */
  calls(attempt: Attempt): WaitingCalls {
    return {
      child: (key, order) => this.child(attempt, checkedKey(key), orderOf(order)),
      look: async (key, what) => {
        const pending = withApproval(attempt, pendingWait(checkedKey(key), what));
        const claim = await attempt.claimed();
        const outcome = await retryWhileUnavailable(() => {
          attempt.signal.throwIfAborted();
          return this.outcomeOf(claim, pending.wait);
        });
        if (outcome === undefined) attempt.suspendFor(pending);
        return (outcome === undefined ? { over: false } : { over: true, outcome }) satisfies Look;
      },
    };
  }

  /** Of these task types those that serve the operation, and that whoever submitted the first ancestor may submit now. */
  async submittable(
    { tenantId, taskId, signal }: Attempt,
    types: readonly TaskType[],
    operation: string,
  ): Promise<readonly TaskType[]> {
    if (types.length === 0) return [];
    const [table, principal] = await retryWhileUnavailable(() => {
      signal.throwIfAborted();
      return Promise.all([this.types.current(), this.roots.of(tenantId, taskId)]);
    });
    if (principal === undefined) return [];
    return types.filter(
      (type) => submissionRefusal(principal, type) === undefined && table.get(type)?.operations.has(operation) === true,
    );
  }

  private async child(attempt: Attempt, key: string, submit: SubmitTask): Promise<string> {
    const { taskId, tenantId, dispatch, signal } = attempt;
    const { epoch } = await attempt.claimed();
    const order: Order = { submit, parentId: taskId, parentEpoch: epoch, childKey: key };
    const outcome = await retryWhileUnavailable(async () => {
      signal.throwIfAborted();
      const principal = await this.principals.get(taskId, () => this.roots.of(tenantId, taskId));
      if (principal === undefined) throw refused('rights_revoked');
      return (await this.intake.submit(principal, [order], { traceparent: dispatch.traceparent }))[0];
    });
    if (outcome === undefined) throw new Error('An order has no outcome');
    if (outcome.kind !== 'refused') return outcome.taskId;
    throw outcome.refusal.code === 'parent_ended' ? attempt.lose() : childRefusal(outcome.refusal);
  }

  private async outcomeOf(claim: Claim, wait: AwaitedThing): Promise<WaitOutcome | undefined> {
    const { key, kind, refs = [], ref = '' } = wait;
    if (kind === 'approval') return this.approvalOf(claim, wait);
    const known = await this.waits.known(claim, key);
    if (known?.outcome !== undefined) return known.outcome as unknown as WaitOutcome;
    switch (kind) {
      case 'child':
      case 'children':
        return this.childrenOf(claim, wait, refs);
      case 'signal': {
        const signal = await this.waits.takeSignal(claim, key, ref);
        return signal && { signal };
      }
      case 'time':
        return this.timeOf(claim, key, known);
      case 'run':
        return undefined;
    }
  }

  private async approvalOf(claim: Claim, { ref = '', approval }: AwaitedThing): Promise<WaitOutcome | undefined> {
    if (approval === undefined) throw new Error('An approval asks for nothing');
    const status = await this.approvals.status(claim, ref);
    if (status === undefined) await this.requireDestinations(claim.tenantId, approval.notify);
    const outcome =
      status === undefined || status === 'waiting' ? undefined : await this.approvals.take(claim, ref, approval.hash);
    return outcome && { approval: outcome };
  }

  private async requireDestinations(tenantId: string, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const usable = await this.destinations.confirmed(tenantId, names);
    const unknown = names.filter((name) => !usable.has(name));
    if (unknown.length > 0) throw invalidWait(`There is no confirmed destination ${unknown.join(', ')}`);
  }

  private async childrenOf(
    claim: Claim,
    { key, kind }: AwaitedThing,
    ids: readonly string[],
  ): Promise<WaitOutcome | undefined> {
    const { known, open } = await this.waits.open(claim, ids);
    if (known < ids.length) throw invalidWait('A task waits for its own children only');
    if (open > 0) return undefined;
    const children = await this.waits.ends(claim, key, ids);
    if (kind === 'children') return { children };
    const [child] = children;
    return child && { child };
  }

  private async timeOf(
    claim: Claim,
    key: string,
    known: { readonly until: Date | undefined; readonly reached: boolean } | undefined,
  ): Promise<WaitOutcome | undefined> {
    if (known?.until === undefined || !known.reached) return undefined;
    await this.waits.settle(claim, key);
    return { reached: known.until.toISOString() };
  }
}
