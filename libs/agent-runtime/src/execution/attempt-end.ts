import { Injectable } from '@nestjs/common';
import { retryLimits } from '@pulser/contracts';
import { TaskClaims, TaskResults } from '@pulser/context-bus';

import { TaskEventPublisher } from '../facts/task-event.publisher.js';
import { AttemptMeter } from '../reporting/attempt-meter.js';
import { type Attempt, LeaseLost, WorkerStopping } from './attempt.js';
import { type NextStep, nextStep } from './next-step.policy.js';
import { retryWhileUnavailable } from './retry-while-unavailable.js';

/** Writes how an attempt ended, durably, and then tells everybody. */
@Injectable()
export class AttemptEnd {
  constructor(
    private readonly results: TaskResults,
    private readonly claims: TaskClaims,
    private readonly facts: TaskEventPublisher,
    private readonly meter: AttemptMeter,
  ) {}

  async complete(attempt: Attempt, result: unknown, startedAt: number): Promise<void> {
    let written: boolean;
    try {
      written = await retryWhileUnavailable(() => this.results.complete(attempt.claim, result));
    } catch (error) {
      // The database refuses the result itself: that is the handler's failure.
      await this.fail(attempt, error, startedAt);
      return;
    }
    this.meter.ended(attempt, written ? 'completed' : 'lost', startedAt);
    if (written) this.facts.tell('task.completed', attempt, {});
  }

  async fail(attempt: Attempt, thrown: unknown, startedAt: number): Promise<void> {
    if (thrown instanceof LeaseLost) {
      this.meter.ended(attempt, 'lost', startedAt);
    } else if (thrown instanceof WorkerStopping) {
      this.meter.ended(attempt, 'released', startedAt);
      await this.claims.release([attempt.claim]);
    } else {
      const limits = retryLimits[attempt.dispatch.task_type];
      await this.step(attempt, nextStep(thrown, attempt.claim, limits, Math.random()), startedAt);
    }
  }

  private async step(attempt: Attempt, step: NextStep, startedAt: number): Promise<void> {
    const retryAfterMs = step.kind === 'retry' ? step.afterMs : undefined;
    const written = await retryWhileUnavailable(() => this.results.fail(attempt.claim, step.error, retryAfterMs));
    const outcome = step.kind === 'retry' ? 'retried' : 'failed';
    this.meter.ended(attempt, written ? outcome : 'lost', startedAt);
    if (!written) return;
    this.facts.tell(step.kind === 'retry' ? 'task.retrying' : 'task.failed', attempt, { code: step.error.code });
  }
}
