// Submitting over HTTP: orders go to the intake, and its outcomes become answers. POST /tasks, batches and single replays
// pass here.
import { Injectable } from '@nestjs/common';
import {
  DispatchPort,
  Intake,
  type InsertedAlongside,
  type Order,
  type Outcome,
  type Principal,
  type Refusal,
} from '@pulser/context-bus';
import { type AcceptedTask, amqpPriority, HttpError, type Priority, type SubmittedTask } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Tracer } from '@pulser/service-kit';

import { taskLinks } from '../rest/ids.js';
import { TaskMetrics } from './task.metrics.js';

/** A refusal as the client learns of it. */
export const refusalToHttp = (refusal: Refusal): HttpError => {
  switch (refusal.code) {
    case 'forbidden':
      return new HttpError('forbidden', { detail: `The role ${refusal.role} may not submit tasks` });
    case 'forbidden_task_type':
      return new HttpError('forbidden', {
        detail: `This key may not submit tasks of the type ${refusal.taskType}`,
        extensions: { allowed_task_types: refusal.allowed },
      });
    case 'task_type_not_served':
      return new HttpError('task_type_not_served', { extensions: { served: refusal.served } });
    case 'invalid_payload':
      return new HttpError('invalid_payload', { errors: refusal.problems });
    case 'queue_full':
    case 'daily_quota_spent':
      return new HttpError(refusal.code, { retryAfterS: refusal.retryAfterS });
  }
};

/** A committed task; `repeated`: it was accepted before with the same idempotency key. */
export interface Submission {
  readonly task: AcceptedTask;
  readonly repeated: boolean;
}

/** What the client gets for an outcome. */
export const submissionOf = (outcome: Outcome): Submission | HttpError => {
  if (outcome.kind === 'refused') return refusalToHttp(outcome.refusal);
  if (outcome.kind === 'conflict') return new HttpError('idempotency_conflict');
  const { taskId, status } = outcome;
  return { task: { task_id: taskId, status, links: taskLinks(taskId) }, repeated: outcome.kind === 'existing' };
};

/** Submits orders of a caller. What is accepted is durably committed. */
@Injectable()
export class Submissions {
  constructor(
    private readonly intake: Intake,
    private readonly tracer: Tracer,
    private readonly metrics: TaskMetrics,
  ) {}

  /** @throws HttpError when the order was refused; DatabaseUnavailable */
  async submit(caller: Principal, order: Order, alongside?: InsertedAlongside): Promise<Submission> {
    const [outcome] = await this.submitAll(caller, [order], alongside);
    if (outcome === undefined) throw new Error('An order has no outcome');
    const submission = submissionOf(outcome);
    if (submission instanceof HttpError) throw submission;
    return submission;
  }

  /** @returns outcomes in the order of the orders. @throws DatabaseUnavailable */
  async submitAll(
    caller: Principal,
    orders: readonly Order[],
    alongside?: InsertedAlongside,
  ): Promise<readonly Outcome[]> {
    const outcomes = await this.intake.submit(caller, orders, { traceparent: this.tracer.current(), alongside });
    orders.forEach(({ submit }, n) => {
      this.metrics.submitted(submit.task_type, outcomes[n]?.kind ?? 'refused');
    });
    return outcomes;
  }
}

/**
 * Publishes new rows to the router, one message per commit and priority. No request waits for it: the router finds rows
 * whose message is lost when they are due.
 */
@Injectable()
export class SubmissionPublisher extends DispatchPort {
  constructor(
    private readonly publisher: Publisher,
    private readonly metrics: TaskMetrics,
  ) {
    super();
  }

  override submitted(tasks: readonly SubmittedTask[]): void {
    for (const [priority, same] of Map.groupBy(tasks, (task) => task.priority)) void this.publish(priority, same);
  }

  private async publish(priority: Priority, tasks: SubmittedTask[]): Promise<void> {
    try {
      await this.publisher.publish('tasks.submitted', tasks, { priority: amqpPriority[priority] });
    } catch {
      this.metrics.dispatchesFailed.inc(tasks.length);
    }
  }
}
