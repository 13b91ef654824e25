// Submitting tasks: the checks before a row, what refuses it, and what the client learns of it. POST /tasks, batches and
// replays of dead letters all pass here.
import { Injectable } from '@nestjs/common';
import {
  type Accepted,
  Admission,
  type NewTask,
  newTaskOf,
  type Principal,
  principalId,
  type Room,
  submissionRefusal,
  TaskIntake,
} from '@pulser/context-bus';
import { type AcceptedTask, HttpError, type SubmitTask, type TaskType } from '@pulser/contracts';
import { Tracer } from '@pulser/service-kit';

import { taskLinks } from '../rest/ids.js';
import { TaskMetrics } from './task.metrics.js';

/** A task to be made. */
export interface Order {
  readonly task: SubmitTask;
  readonly idempotencyKey: string | undefined;
}

/** A committed task; `repeated`: it was accepted before with the same idempotency key. */
export interface Submission {
  readonly kind: 'accepted';
  readonly task: AcceptedTask;
  readonly repeated: boolean;
}

/** Why an order makes no task. */
export type Refusal =
  | { readonly kind: 'type_not_allowed'; readonly type: TaskType; readonly allowed: readonly TaskType[] | null }
  | { readonly kind: 'type_not_served'; readonly served: readonly TaskType[] }
  | { readonly kind: 'no_room'; readonly code: Room['code']; readonly retryAfterS: number }
  | { readonly kind: 'idempotency_conflict' };

/** What became of an order. */
export type Outcome = Submission | Refusal;

export const refusalToHttp = (refusal: Refusal): HttpError => {
  switch (refusal.kind) {
    case 'type_not_allowed':
      return new HttpError('forbidden', {
        detail: `This key may not submit tasks of the type ${refusal.type}`,
        extensions: { allowed_task_types: refusal.allowed },
      });
    case 'type_not_served':
      return new HttpError('task_type_not_served', { extensions: { served: refusal.served } });
    case 'no_room':
      return new HttpError(refusal.code, { retryAfterS: refusal.retryAfterS });
    case 'idempotency_conflict':
      return new HttpError('idempotency_conflict');
  }
};

/** @throws HttpError when the order was refused */
export const acceptedOf = (outcome: Outcome): Submission => {
  if (outcome.kind === 'accepted') return outcome;
  throw refusalToHttp(outcome);
};

export const isRefusal = (row: NewTask | Refusal): row is Refusal => 'kind' in row;

/** Turns orders into tasks. An accepted one is durably committed. */
@Injectable()
export class Submissions {
  constructor(
    private readonly intake: TaskIntake,
    private readonly admission: Admission,
    private readonly tracer: Tracer,
    private readonly metrics: TaskMetrics,
  ) {}

  /** Concurrent calls of a tenant share one statement. @throws DatabaseUnavailable */
  async submit(caller: Principal, order: Order): Promise<Outcome> {
    const { tenantId } = caller;
    const row = await this.prepare(caller, order);
    if (isRefusal(row)) return row;
    const room = await this.admission.room(tenantId, 1);
    if (room.tasks === 0) return this.noRoom(row, room);
    return this.outcome(row, await this.intake.accept(tenantId, row));
  }

  /**
   * One statement for all of them; a refused order does not refuse the others.
   * @returns outcomes in the order of the orders. @throws DatabaseUnavailable
   */
  async submitAll(caller: Principal, orders: readonly Order[]): Promise<Outcome[]> {
    const prepared = await Promise.all(orders.map((order) => this.prepare(caller, order)));
    return this.insert(caller.tenantId, await this.withinQuota(caller.tenantId, prepared));
  }

  /** The row of an order, or why it gets none. Quotas are not asked yet. */
  async prepare(caller: Principal, { task, idempotencyKey }: Order): Promise<NewTask | Refusal> {
    const { task_type: type } = task;
    if (submissionRefusal(caller, type) !== undefined) {
      return this.refused(type, { kind: 'type_not_allowed', type, allowed: caller.allowedTaskTypes });
    }
    const served = await this.admission.servedTypes();
    if (!served.has(type)) return this.refused(type, { kind: 'type_not_served', served: [...served].sort() });
    const traceparent = this.tracer.current();
    return newTaskOf(task, { idempotencyKey, traceparent, submittedBy: principalId(caller) });
  }

  /** Counts what the database answered for a row. */
  outcome({ task_type }: NewTask, accepted: Accepted): Outcome {
    this.metrics.submitted[task_type][accepted.kind].inc();
    if (accepted.kind === 'conflict') return { kind: 'idempotency_conflict' };
    const { taskId, status } = accepted;
    const task = { task_id: taskId, status, links: taskLinks(taskId) };
    return { kind: 'accepted', task, repeated: accepted.kind === 'existing' };
  }

  private async withinQuota(
    tenantId: string,
    prepared: readonly (NewTask | Refusal)[],
  ): Promise<readonly (NewTask | Refusal)[]> {
    const wanted = prepared.filter((row) => !isRefusal(row)).length;
    if (wanted === 0) return prepared;
    const room = await this.admission.room(tenantId, wanted);
    let admitted = 0;
    return prepared.map((row) => {
      if (isRefusal(row)) return row;
      admitted += 1;
      return admitted > room.tasks ? this.noRoom(row, room) : row;
    });
  }

  private async insert(tenantId: string, prepared: readonly (NewTask | Refusal)[]): Promise<Outcome[]> {
    const rows = prepared.filter((row): row is NewTask => !isRefusal(row));
    const accepted = rows.length === 0 ? [] : await this.intake.insertAll(tenantId, rows);
    const answers = new Map(rows.map((row, n) => [row, accepted[n]]));
    return prepared.map((row) => {
      if (isRefusal(row)) return row;
      const answer = answers.get(row);
      if (answer === undefined) throw new Error('A row of a batch has no answer');
      return this.outcome(row, answer);
    });
  }

  private noRoom({ task_type }: NewTask, { code, retryAfterS }: Room): Refusal {
    return this.refused(task_type, { kind: 'no_room', code, retryAfterS });
  }

  private refused(type: TaskType, refusal: Refusal): Refusal {
    this.metrics.submitted[type].refused.inc();
    return refusal;
  }
}
