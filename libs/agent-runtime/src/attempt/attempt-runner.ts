// One attempt from its claim to its end: the handler runs under the lease, and how it ended is written and published.
import { Injectable } from '@nestjs/common';
import { type Claim, type ClaimRequest, TaskClaims, TaskResults, UnclaimedTasks } from '@pulser/context-bus';
import { dispatchIdOf, type TaskDispatch, TaskError, thrownText } from '@pulser/contracts';
import { isRefusal } from '@pulser/database';

import { AgentProfile } from '../agent/agent-profile.js';
import { Attempt, LeaseLost, WorkerStopping } from '../context/attempt.js';
import { retryWhileUnavailable } from '../context/attempt-host.js';
import { Suspended } from '../context/workflow-host.js';
import { UnclaimedAttempt } from '../context/unclaimed-attempt.js';
import { AttemptMeter, type Outcome } from '../reporting/attempt-meter.js';
import { AttemptSpans } from '../reporting/attempt-spans.js';
import { EndedSteps } from '../reporting/ended-steps.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
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
    private readonly steps: EndedSteps,
    private readonly meter: AttemptMeter,
    private readonly spans: AttemptSpans,
  ) {}

  async complete(attempt: Attempt, result: unknown): Promise<void> {
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
    this.steps.ended(attempt);
  }

  async fail(attempt: Attempt, thrown: unknown): Promise<void> {
    if (isThrown(thrown, LeaseLost) || !(await hasTask(attempt))) {
      this.ended(attempt, 'lost');
    } else if (isThrown(thrown, Suspended)) {
      await this.suspend(attempt, thrown);
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

  private async suspend(attempt: Attempt, suspended: Suspended): Promise<void> {
    const written = await retryWhileUnavailable(() => this.results.suspend(attempt.claim, suspended));
    this.ended(attempt, written ? 'suspended' : 'lost');
    if (written) this.steps.waits(attempt);
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
    if (step.kind === 'fail') this.steps.ended(attempt);
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
  ) {}

  /** Resolves when the end is written and the handler runs no longer: until then its slot is taken. */
  run(claim: Claim, dispatch: TaskDispatch): Promise<void> {
    const attempt = new Attempt(claim, dispatch, this.profile.limitsOf(dispatch.task_type).timeLimitMs);
    this.events.publish('task.started', attempt, {});
    return this.toItsEnd(attempt);
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
