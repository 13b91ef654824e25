// Submitting over HTTP: orders go to the intake, and its outcomes become answers. POST /tasks, batches and single replays
// pass here.
import { Injectable } from '@nestjs/common';
import {
  type Accepted,
  type Cancelled,
  cancelledEvent,
  DispatchPort,
  type ExpectedWait,
  enteredTasks,
  type GatedTask,
  type InsertedAlongside,
  Intake,
  type NewTask,
  type Order,
  type Outcome,
  type Principal,
  type Refusal,
  TaskForecasts,
  TaskTypes,
  type Trial,
} from '@pulser/context-bus';
import {
  type AcceptedTask,
  amqpPriority,
  builtInTaskTypes,
  type CheckedTask,
  HttpError,
  type Priority,
  type SubmittedTask,
  type SubmitTask,
  type TaskType,
} from '@pulser/contracts';
import { Dispatches, inMessages, Publisher, StreamedTenants } from '@pulser/messaging';
import { type Counter, Metrics, Tracer } from '@pulser/service-kit';

import { taskLinks } from '../rest/parameters.js';
import { DispatchCredit } from './dispatch-credit.js';
import { SubmissionSpans } from './submission-spans.js';

type Child = ReturnType<Counter['labels']>;

const builtIn: ReadonlySet<TaskType> = new Set(builtInTaskTypes);

/** The label of a task type that no agent has registered: clients must not make labels up. */
const unknownType = 'unknown';

/** What the gateway counts of tasks. */
@Injectable()
export class TaskMetrics {
  readonly dispatchesFailed;
  private readonly submissions;
  /** By task type and outcome: resolved once, because every submission counts here. */
  private readonly children = new Map<string, Child>();

  constructor(
    metrics: Metrics,
    private readonly types: TaskTypes,
  ) {
    this.submissions = metrics.counter({
      name: 'pulser_tasks_submitted_total',
      help: 'Submissions by task type and what became of them',
      labelNames: ['task_type', 'outcome'],
    });
    this.dispatchesFailed = metrics.counter({
      name: 'pulser_task_dispatches_failed_total',
      help: 'Accepted or cancelled tasks whose message the broker did not take at once',
    });
  }

  /**
   * @param type undefined for an item of a batch that does not even name one
   * @param outcome `refused`: not allowed, not served, no room, or a body that does not match its schema
   */
  submitted(type: TaskType | undefined, outcome: Outcome['kind'], tasks = 1): void {
    const label = type !== undefined && this.isKnown(type) ? type : unknownType;
    const key = `${label} ${outcome}`;
    const child = this.children.get(key) ?? this.submissions.labels(label, outcome);
    this.children.set(key, child);
    child.inc(tasks);
  }

  private isKnown(type: TaskType): boolean {
    return builtIn.has(type) || this.types.latest.has(type);
  }
}

/** A refusal as an HTTP problem. */
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
    case 'unknown_destination':
      return new HttpError(refusal.code, { errors: refusal.problems });
    case 'queue_full':
    case 'daily_quota_spent':
      return new HttpError(refusal.code, { retryAfterS: refusal.retryAfterS });
    case 'parent_ended':
    case 'too_many_children':
    case 'nested_too_deep':
      return new HttpError('conflict', { extensions: { reason: refusal.code } });
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

/** By the clock of this process: the row of a task has that of the database. */
const checkedTask = (
  { task, quotas: { waiting, today } }: Extract<Trial, { readonly kind: 'accepted' }>,
  { ahead, recent }: ExpectedWait,
): CheckedTask => {
  const now = Date.now();
  const start = Math.max(now, task.run_at === undefined ? now : Date.parse(task.run_at));
  const { operation } = task.payload;
  const deadline = task.deadline_s === undefined ? null : new Date(start + task.deadline_s * 1_000);
  return {
    dry_run: true,
    task_type: task.task_type,
    operation: typeof operation === 'string' ? operation : null,
    priority: task.priority,
    status: start > now ? 'scheduled' : 'queued',
    agent: task.agent,
    max_attempts: task.max_attempts,
    run_at: task.run_at ?? null,
    deadline_at: deadline?.toISOString() ?? null,
    quotas: { waiting, today: { used: today.used, quota: today.quota } },
    ahead,
    recent_wait: recent === undefined ? null : { tasks: recent.tasks, p50_ms: recent.p50Ms, p95_ms: recent.p95Ms },
  };
};

/** Submits orders of a caller. What is accepted is durably committed. */
@Injectable()
export class Submissions {
  constructor(
    private readonly intake: Intake,
    private readonly forecasts: TaskForecasts,
    private readonly tracer: Tracer,
    private readonly spans: SubmissionSpans,
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

  /**
   * What would become of an order. Submits nothing and counts nothing.
   * @throws HttpError as `submit` does; DatabaseUnavailable
   */
  async check(caller: Principal, submit: SubmitTask): Promise<CheckedTask> {
    const trial = await this.intake.check(caller, { submit });
    if (trial.kind === 'refused') throw refusalToHttp(trial.refusal);
    const { agent, task_type: taskType, priority } = trial.task;
    return checkedTask(trial, await this.forecasts.expectedWait(caller.tenantId, agent, taskType, priority));
  }

  /** @returns outcomes in the order of the orders. @throws DatabaseUnavailable */
  async submitAll(
    caller: Principal,
    orders: readonly Order[],
    alongside?: InsertedAlongside,
  ): Promise<readonly Outcome[]> {
    const outcomes = await this.intake.submit(caller, orders, { traceparent: this.tracer.current(), alongside });
    this.spans.committed(caller.tenantId, outcomes);
    orders.forEach(({ submit }, n) => {
      this.metrics.submitted(submit.task_type, outcomes[n]?.kind ?? 'refused');
    });
    return outcomes;
  }
}

/**
 * Sends new rows on, one message per commit, type and priority: to the workers of their agent as far as the routers have
 * given credit, else to the router. No request waits for it: the router finds rows whose message is lost when they are due.
 */
@Injectable()
export class SubmissionPublisher extends DispatchPort {
  constructor(
    private readonly publisher: Publisher,
    private readonly dispatches: Dispatches,
    private readonly credit: DispatchCredit,
    private readonly metrics: TaskMetrics,
    private readonly streamed: StreamedTenants,
  ) {
    super();
  }

  override entered(tenantId: string, tasks: readonly NewTask[], accepted: readonly Accepted[]): void {
    if (this.streamed.has(tenantId)) this.streamed.publishQueued(enteredTasks(tenantId, tasks, accepted));
  }

  // By the router alone: it gives the places.
  override gated(tasks: readonly GatedTask[]): void {
    for (const [priority, same] of Map.groupBy(tasks, (task) => task.priority)) void this.passOn(priority, same);
  }

  // The worker of one that runs stops sooner with the message.
  override replaced(tenantId: string, cancelled: readonly Cancelled[]): void {
    const events = cancelled.map((one) => cancelledEvent(tenantId, one));
    this.publisher.publish('task.cancelled', events).catch(() => undefined);
  }

  override submitted(tasks: readonly SubmittedTask[]): void {
    for (const [priority, same] of Map.groupBy(tasks, (task) => task.priority)) {
      const passedOn = [...Map.groupBy(same, ({ task_type }) => task_type)].flatMap(([taskType, alike]) =>
        this.dispatch(taskType, priority, alike) ? [] : alike,
      );
      if (passedOn.length > 0) void this.passOn(priority, passedOn);
    }
  }

  /** @returns whether there was credit for all of them */
  private dispatch(taskType: TaskType, priority: Priority, tasks: SubmittedTask[]): boolean {
    const credit = this.credit.take(taskType, priority, tasks.length);
    if (credit === undefined) return false;
    const { agent, perMessage } = credit;
    const messages = inMessages(tasks, perMessage);
    this.credit.recordSent({ agent, priority, tasks: tasks.length, messages: messages.length });
    for (const message of messages) void this.dispatches.send(agent, priority, message);
    return true;
  }

  private async passOn(priority: Priority, tasks: SubmittedTask[]): Promise<void> {
    try {
      await this.publisher.publish('tasks.submitted', tasks, { priority: amqpPriority[priority] });
    } catch {
      this.metrics.dispatchesFailed.inc(tasks.length);
    }
  }
}
