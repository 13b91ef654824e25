// One attempt from its claim to its end: the handler runs under the lease, and how it ended is written and published.
import { Injectable } from '@nestjs/common';
import {
  type Claim,
  type ClaimRequest,
  DispatchPort,
  TaskClaims,
  TaskResults,
  UnclaimedTasks,
} from '@pulser/context-bus';
import { dispatchIdOf, type TaskDispatch, TaskError, thrownText } from '@pulser/contracts';
import { isRefusal } from '@pulser/database';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import { askOperation } from '../skills/ask-order.js';
import { Attempt, LeaseLost, WorkerStopping } from '../context/attempt.js';
import { retryWhileUnavailable } from '../context/retry-while-unavailable.js';
import { UnclaimedAttempt } from '../context/unclaimed-attempt.js';
import { AttemptMeter, type Outcome } from '../reporting/attempt-meter.js';
import { AttemptSpans } from '../reporting/attempt-spans.js';
import { AskedApprovals } from '../reporting/asked-approvals.js';
import { EndedSteps } from '../reporting/ended-steps.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import type { PendingWait } from '../skills/waiting.js';
import { Handlers } from './handlers.js';
import { LeaseKeeper } from './lease-keeper.js';
import { isThrown, type NextStep, nextStep } from './next-step.policy.js';

/** The result cannot be written: when the database refuses the result itself, another attempt would return the same. */
const refusedResult = (error: unknown): TaskError =>
  new TaskError('handler_failed', `The result cannot be stored: ${thrownText(error)}`, {
    permanent: isRefusal(error),
    cause: error,
  });

/** A claim for what a message asks for. */
export const requestOf = (dispatch: TaskDispatch): ClaimRequest => ({
  tenantId: dispatch.tenant_id,
  taskId: dispatch.task_id,
  dispatchId: dispatchIdOf(dispatch),
  wantsPayload: dispatch.payload === undefined,
});

const factsOf = ({ taskId, tenantId, taskType }: Attempt) => ({ taskId, tenantId, taskType });

/** Whether a failure can be written: one that has no claim gets it now, or has lost its task. */
const hasTask = (attempt: Attempt): Promise<boolean> =>
  attempt.claimed().then(
    () => true,
    (refusal: unknown) => {
      if (refusal instanceof LeaseLost) return false;
      throw refusal;
    },
  );

/** Writes how an attempt ended, durably, and then publishes it. */
@Injectable()
export class AttemptEnd {
  constructor(
    private readonly profile: AgentProfile,
    private readonly results: TaskResults,
    private readonly unclaimed: UnclaimedTasks,
    private readonly claims: TaskClaims,
    private readonly events: TaskEventPublisher,
    private readonly dispatch: DispatchPort,
    private readonly steps: EndedSteps,
    private readonly approvals: AskedApprovals,
    private readonly meter: AttemptMeter,
    private readonly spans: AttemptSpans,
  ) {}

  async complete(attempt: Attempt, result: unknown): Promise<void> {
    if (attempt.pendingWait !== undefined) return this.suspend(attempt, attempt.pendingWait);
    let written: boolean;
    try {
      written = await retryWhileUnavailable(() => this.keep(attempt, result));
    } catch (error) {
      await this.fail(attempt, refusedResult(error));
      return;
    }
    this.ended(attempt, written ? 'completed' : 'lost');
    if (!written) return;
    this.events.publish('task.completed', attempt, {});
    this.freePlace(attempt);
    this.steps.ended(attempt);
  }

  async fail(attempt: Attempt, thrown: unknown): Promise<void> {
    if (attempt.pendingWait !== undefined) return this.suspend(attempt, attempt.pendingWait);
    if (isThrown(thrown, LeaseLost) || !(await hasTask(attempt))) {
      this.ended(attempt, 'lost');
    } else if (isThrown(thrown, WorkerStopping)) {
      this.ended(attempt, 'released');
      await this.claims.release([attempt.claim]);
      // The attempt does not count.
      const before = { ...factsOf(attempt), attempt: attempt.attempt - 1 };
      this.events.publish('task.queued', before, { status: 'queued' });
    } else {
      await this.step(attempt, this.next(attempt, thrown));
    }
  }

  /** The attempt goes on when the task is woken. */
  private async suspend(attempt: Attempt, pending: PendingWait): Promise<void> {
    const claim = await attempt.claimed();
    const written = await retryWhileUnavailable(() => this.results.suspend(claim, pending));
    this.ended(attempt, written ? 'suspended' : 'lost');
    if (!written) return;
    if (pending.wait.kind === 'run') this.steps.waits(attempt);
    if (pending.wait.kind === 'approval') this.approvals.asked(attempt);
  }

  private ended(attempt: Attempt, outcome: Outcome, code?: string): void {
    this.meter.ended(attempt, outcome);
    this.spans.ended(attempt, outcome, code);
  }

  private async keep(attempt: Attempt, result: unknown): Promise<boolean> {
    if (!(attempt instanceof UnclaimedAttempt && attempt.unclaimed))
      return this.results.complete(await attempt.claimed(), result);
    const { tenantId, taskId, dispatch, since } = attempt;
    const dispatchId = dispatchIdOf(dispatch);
    return attempt.endUnclaimed(() => this.unclaimed.complete({ tenantId, taskId, dispatchId, since, result }));
  }

  private next({ claim, taskType }: Attempt, thrown: unknown): NextStep {
    const { retry, maxAttempts } = this.profile.limitsOf(taskType);
    const attempts = { attempt: claim.attempt, maxAttempts: Math.min(claim.maxAttempts, maxAttempts) };
    return nextStep(thrown, attempts, retry, Math.random());
  }

  private async step(attempt: Attempt, step: NextStep): Promise<void> {
    const retryAfterMs = step.kind === 'retry' ? step.afterMs : undefined;
    const written = await retryWhileUnavailable(() => this.results.fail(attempt.claim, step.error, retryAfterMs));
    const outcome = step.kind === 'retry' ? 'retried' : 'failed';
    this.ended(attempt, written ? outcome : 'lost', step.error.code);
    if (!written) return;
    this.events.publish(step.kind === 'retry' ? 'task.retrying' : 'task.failed', attempt, { code: step.error.code });
    if (step.kind === 'retry') return;
    this.freePlace(attempt);
    this.steps.ended(attempt);
  }

  /** The task has ended: another one may get its place under a concurrency key. */
  private freePlace({ claim, taskType }: Attempt): void {
    const { concurrencyKey: gate, taskId: task_id, tenantId: tenant_id } = claim;
    if (gate !== null) this.dispatch.gated?.([{ task_id, tenant_id, task_type: taskType, priority: 'high', gate }]);
  }
}

/** Takes a claim to the end of its attempt: runs the handler under the lease, and has the end written. */
@Injectable()
export class AttemptRunner {
  constructor(
    private readonly profile: AgentProfile,
    private readonly leases: LeaseKeeper,
    private readonly events: TaskEventPublisher,
    private readonly handlers: Handlers,
    private readonly end: AttemptEnd,
    private readonly env: AgentEnv,
  ) {}

  /** Resolves when the end is written and the handler runs no longer: until then its slot is taken. */
  run(claim: Claim, dispatch: TaskDispatch): Promise<void> {
    const attempt = new Attempt(claim, dispatch, this.timeLimitMsOf(claim, dispatch));
    this.events.publish('task.started', attempt, {});
    return this.toItsEnd(attempt);
  }

  /** A model takes its time, whatever the operations of the type take. */
  private timeLimitMsOf(claim: Claim, { task_type, payload }: TaskDispatch): number {
    const { timeLimitMs } = this.profile.limitsOf(task_type);
    const operation = (payload ?? claim.payload)?.['operation'];
    return operation === askOperation && this.profile.hasAsk(task_type)
      ? Math.max(timeLimitMs, this.env.LLM_TASK_MAX_S * 1_000)
      : timeLimitMs;
  }

  /** As `run`, of an attempt whose start was published or will be. */
  async toItsEnd(attempt: Attempt): Promise<void> {
    this.leases.hold(attempt);
    const handler = this.handlers.start(attempt);
    const writeEnd = await attempt.race(handler.result).then(
      (result) => () => this.end.complete(attempt, result),
      (thrown: unknown) => () => this.end.fail(attempt, thrown),
    );
    attempt.handled();
    // Before the end is written: that may wait for the database, but the grace of an aborted handler begins now.
    const released = handler.release();
    try {
      await writeEnd();
    } finally {
      attempt.end();
      this.leases.drop(attempt);
      await released;
    }
  }
}
