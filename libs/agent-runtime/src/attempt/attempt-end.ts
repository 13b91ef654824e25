import { Injectable } from '@nestjs/common';
import { TaskClaims, TaskResults } from '@pulser/context-bus';

import { AgentProfile } from '../agent/agent-profile.js';
import { type Attempt, LeaseLost, WorkerStopping } from '../context/attempt.js';
import { retryWhileUnavailable } from '../context/retry-while-unavailable.js';
import { AttemptMeter } from '../reporting/attempt-meter.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { type NextStep, nextStep } from './next-step.policy.js';

/** Writes how an attempt ended, durably, and then publishes it. */
@Injectable()
export class AttemptEnd {
  constructor(
    private readonly profile: AgentProfile,
    private readonly results: TaskResults,
    private readonly claims: TaskClaims,
    private readonly events: TaskEventPublisher,
    private readonly meter: AttemptMeter,
  ) {}

  async complete(attempt: Attempt, result: unknown): Promise<void> {
    let written: boolean;
    try {
      written = await retryWhileUnavailable(() => this.results.complete(attempt.claim, result));
    } catch (error) {
      // The database refuses the result itself: that is the handler's failure.
      await this.fail(attempt, error);
      return;
    }
    this.meter.ended(attempt, written ? 'completed' : 'lost');
    if (written) this.events.publish('task.completed', attempt, {});
  }

  async fail(attempt: Attempt, thrown: unknown): Promise<void> {
    if (thrown instanceof LeaseLost) {
      this.meter.ended(attempt, 'lost');
    } else if (thrown instanceof WorkerStopping) {
      this.meter.ended(attempt, 'released');
      await this.claims.release([attempt.claim]);
    } else {
      await this.step(attempt, this.next(attempt, thrown));
    }
  }

  private next({ claim, taskType }: Attempt, thrown: unknown): NextStep {
    const { retry, maxAttempts } = this.profile.limitsOf(taskType);
    const attempts = { attempt: claim.attempt, maxAttempts: Math.min(claim.maxAttempts, maxAttempts) };
    return nextStep(thrown, attempts, retry, Math.random());
  }

  private async step(attempt: Attempt, step: NextStep): Promise<void> {
    const retryAfterMs = step.kind === 'retry' ? step.afterMs : undefined;
    const cancelled = await retryWhileUnavailable(() => this.results.fail(attempt.claim, step.error, retryAfterMs));
    const outcome = step.kind === 'retry' ? 'retried' : 'failed';
    this.meter.ended(attempt, cancelled === undefined ? 'lost' : outcome);
    if (cancelled === undefined) return;
    this.events.publish(step.kind === 'retry' ? 'task.retrying' : 'task.failed', attempt, { code: step.error.code });
    const { tenantId } = attempt;
    for (const task of cancelled) this.events.publish('task.cancelled', { tenantId, ...task }, {}, task.agent);
  }
}
