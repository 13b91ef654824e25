import { Injectable } from '@nestjs/common';
import {
  type Accepted,
  Admission,
  type NewTask,
  newTaskOf,
  type Principal,
  principalId,
  type Room,
  TaskIntake,
} from '@pulser/context-bus';
import { type AcceptedTask, HttpError, type SubmitTask } from '@pulser/contracts';
import { Tracer } from '@pulser/service-kit';

import { GatewayMetrics } from '../gateway.metrics.js';

import { taskLinks } from './task-links.policy.js';
import { typeRefusal } from './type-refusal.policy.js';

/** An accepted task, and whether it was accepted before with the same idempotency key. */
export interface Submission {
  readonly task: AcceptedTask;
  readonly replayed: boolean;
}

/** Turns submissions into tasks. What is returned is durably committed. */
@Injectable()
export class Submissions {
  constructor(
    private readonly intake: TaskIntake,
    private readonly admission: Admission,
    private readonly tracer: Tracer,
    private readonly metrics: GatewayMetrics,
  ) {}

  /** @throws HttpError when the caller may not submit the type, no agent serves the type, too many tasks wait, or the key was used with another body */
  async submit(caller: Principal, task: SubmitTask, idempotencyKey: string | undefined): Promise<Submission> {
    const { tenantId } = caller;
    const row = await this.prepare(caller, task, idempotencyKey);
    if (row instanceof HttpError) throw row;
    const room = await this.admission.room(tenantId, 1);
    if (room.tasks === 0) throw this.noRoom(row, room);
    const outcome = this.outcome(row, await this.intake.accept(tenantId, row));
    if (outcome instanceof HttpError) throw outcome;
    return outcome;
  }

  /** What its row will be, or why there will be none. */
  async prepare(caller: Principal, task: SubmitTask, idempotencyKey: string | undefined): Promise<NewTask | HttpError> {
    const forbidden = typeRefusal(caller, task.task_type);
    if (forbidden !== undefined) return this.refused(task, forbidden);
    const served = await this.admission.servedTypes();
    if (served.has(task.task_type)) {
      const traceparent = this.tracer.current();
      return newTaskOf(task, { idempotencyKey, traceparent, submittedBy: principalId(caller) });
    }
    return this.refused(task, new HttpError('task_type_not_served', { extensions: { served: [...served].sort() } }));
  }

  /** Counts and answers a task that its tenant's quotas have no room for. */
  noRoom(task: NewTask, { code, retryAfterS }: Room): HttpError {
    return this.refused(task, new HttpError(code, { retryAfterS }));
  }

  /** What the client is told of a row that was asked for. */
  outcome({ task_type }: NewTask, accepted: Accepted): Submission | HttpError {
    this.metrics.submitted[task_type][accepted.kind].inc();
    if (accepted.kind === 'conflict') return new HttpError('idempotency_conflict');
    const { taskId, status } = accepted;
    return {
      task: { task_id: taskId, status, links: taskLinks(taskId) },
      replayed: accepted.kind === 'existing',
    };
  }

  private refused({ task_type }: Pick<SubmitTask, 'task_type'>, refusal: HttpError): HttpError {
    this.metrics.submitted[task_type].refused.inc();
    return refusal;
  }
}
