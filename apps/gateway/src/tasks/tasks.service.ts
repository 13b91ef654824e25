// Tasks as the API shows them: their views, reading them, waiting for their end, cancelling them.
import { Injectable } from '@nestjs/common';
import {
  type AmendedTask,
  type AmendmentOutcome,
  type ArtifactInfo,
  type Cancelled,
  TaskAmendments,
  TaskCancel,
  type TaskEntity,
  TaskLists,
  TaskReads,
  type WholeTask,
} from '@pulser/context-bus';
import {
  type ArtifactView,
  hasEnded,
  HttpError,
  type MessageInput,
  type TaskPage,
  type TaskPatch,
  type TaskQuery,
  type TaskSummary,
  type TaskView,
} from '@pulser/contracts';
import { Publisher, StreamedTenants } from '@pulser/messaging';

import type { RequestCaller } from '../access/caller.js';
import { LongPolls } from '../events/task-notifier.js';
import { artifactPath, cursorAfter, matchedTags, notFound, startOfPage, taskLinks } from '../rest/parameters.js';
import { TaskMetrics } from './submissions.service.js';
import { Submitters } from './submitters.js';

const instant = (time: Date | null): string | null => time?.toISOString() ?? null;

const between = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : Math.max(0, to.getTime() - from.getTime());

const couldStartAt = ({ createdAt, runAt }: TaskEntity): Date =>
  runAt !== null && runAt > createdAt ? runAt : createdAt;

const timings = (task: TaskEntity): TaskSummary['timings'] => ({
  created_at: task.createdAt.toISOString(),
  updated_at: task.updatedAt.toISOString(),
  run_at: instant(task.runAt),
  deadline_at: instant(task.deadlineAt),
  started_at: instant(task.startedAt),
  completed_at: instant(task.completedAt),
  queue_ms: between(couldStartAt(task), task.startedAt),
  run_ms: between(task.startedAt, task.completedAt),
});

/** A task as lists show it. */
export const taskSummary = (task: TaskEntity): TaskSummary => ({
  task_id: task.taskId,
  task_type: task.taskType,
  priority: task.priority,
  status: task.status,
  assigned_agent: task.assignedAgent,
  attempts: task.attempts,
  operation: task.operation === '' ? null : task.operation,
  labels: task.labels ?? {},
  parent_id: task.parentId,
  submitted_by: task.submittedBy,
  replay_of: task.replayOf,
  timings: timings(task),
  error: task.error,
  links: taskLinks(task.taskId),
});

export const artifactView = (taskId: string, { name, mediaType, bytes }: ArtifactInfo): ArtifactView => ({
  name,
  media_type: mediaType,
  bytes,
  href: artifactPath(taskId, name),
});

/** The entity tag of a whole task: files come while it runs, without another version of its row. */
export const taskTag = ({ tag, artifacts }: WholeTask): string =>
  artifacts.length === 0 ? `"${tag}"` : `"${tag}-${artifacts.length}"`;

/** The version of the row in an entity tag without quotes. */
const versionIn = (tag: string): string => tag.split('-', 2).join('-');

/** The whole task. @param submitter by which name people know who submitted it */
export const taskView = (task: WholeTask, submitter: string | null): TaskView => ({
  ...taskSummary(task),
  submitted_by_name: submitter,
  payload: task.payload,
  metadata: task.metadata,
  result: task.result,
  artifacts: task.artifacts.map((artifact) => artifactView(task.taskId, artifact)),
});

export interface WaitLimits {
  readonly seconds: number;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
}

/** Reads and cancels a tenant's tasks. */
@Injectable()
export class Tasks {
  constructor(
    private readonly reads: TaskReads,
    private readonly lists: TaskLists,
    private readonly amendments: TaskAmendments,
    private readonly cancels: TaskCancel,
    private readonly longPolls: LongPolls,
    private readonly publisher: Publisher,
    private readonly streamed: StreamedTenants,
    private readonly metrics: TaskMetrics,
    private readonly submitters: Submitters,
  ) {}

  /** The task as the API shows it. @throws DatabaseUnavailable */
  async view(tenantId: string, task: WholeTask): Promise<TaskView> {
    return taskView(task, await this.submitters.nameOf(tenantId, task.submittedBy));
  }

  /** @throws HttpError `not_found` */
  async find(tenantId: string, taskId: string): Promise<WholeTask> {
    const task = await this.reads.find(tenantId, taskId);
    if (task === null) throw notFound('task');
    return task;
  }

  /** The task once it has ended, or as it is when the time is over. @throws HttpError `not_found` */
  async findAtEnd(tenantId: string, taskId: string, { seconds, gone }: WaitLimits): Promise<WholeTask> {
    const poll = await this.longPolls.open(tenantId, taskId);
    try {
      const task = await this.find(tenantId, taskId);
      if (hasEnded(task.status)) return task;
      await poll.wait(seconds * 1_000, gone);
      return await this.find(tenantId, taskId);
    } finally {
      poll.close();
    }
  }

  /** @throws HttpError `invalid_request` for a cursor that this API did not make */
  async page(tenantId: string, { limit, cursor, ...filter }: TaskQuery): Promise<TaskPage> {
    const { tasks, next, partial } = await this.lists.page(tenantId, filter, limit, startOfPage(cursor));
    return { tasks: tasks.map(taskSummary), next_cursor: next === undefined ? null : cursorAfter(next), partial };
  }

  /** Ends a task with its steps. @throws HttpError `not_found`, or `conflict` when the task has ended */
  async cancel({ tenantId, actor }: RequestCaller, taskId: string): Promise<TaskSummary> {
    const cancelled = await this.cancels.cancel(tenantId, actor, taskId);
    const task: TaskEntity | null = await this.reads.find(tenantId, taskId);
    if (task === null) throw notFound('task');
    if (cancelled.length === 0) {
      throw new HttpError('conflict', { detail: 'The task has ended', extensions: { task_status: task.status } });
    }
    void this.publishCancelled(cancelled.map((one) => cancelledEvent(tenantId, one)));
    return taskSummary(task);
  }

  /**
   * Changes a task that waits.
   * @param ifMatch header of the request
   * @throws HttpError `not_found`, `precondition_failed`, `conflict` with its state when it does not wait, `invalid_request`
   */
  async amend(
    { tenantId, actor }: RequestCaller,
    taskId: string,
    { priority, run_at: runAt, deadline_at: deadlineAt }: TaskPatch,
    ifMatch: string | undefined,
  ): Promise<WholeTask> {
    const order = { amendment: { priority, runAt, deadlineAt }, tags: matchedTags(ifMatch)?.map(versionIn) };
    const outcome = await this.amendments.amend(tenantId, actor, taskId, order);
    const task = await this.find(tenantId, taskId);
    if (outcome.kind === 'amended') this.publishAmended(tenantId, taskId, outcome.task);
    else if (outcome.kind !== 'unchanged') throw amendmentToHttp(outcome, task);
    return task;
  }

  // For pages that are open: which message starts the task is the router's business, who looks at rows that are due.
  private publishAmended(tenantId: string, taskId: string, { taskType, ...task }: AmendedTask): void {
    const { status, operation, ...event } = task;
    if (!this.streamed.has(tenantId)) return;
    if (status === 'retrying') {
      this.streamed.publishChanged(tenantId, 'tasks');
      return;
    }
    const named = operation === null || operation === '' ? {} : { operation };
    this.streamed.publishQueued([
      { task_id: taskId, tenant_id: tenantId, task_type: taskType, status, ...event, ...named },
    ]);
  }

  // With the message the worker stops sooner; without it, when it finds that it lost its lease.
  private async publishCancelled(events: MessageInput<'task.cancelled'>): Promise<void> {
    try {
      await this.publisher.publish('task.cancelled', events);
    } catch {
      this.metrics.dispatchesFailed.inc();
    }
  }
}

const amendmentToHttp = (
  outcome: Exclude<AmendmentOutcome, { readonly kind: 'amended' | 'unchanged' }>,
  task: WholeTask,
): HttpError => {
  switch (outcome.kind) {
    case 'no_task':
      return notFound('task');
    case 'stale': {
      const etag = taskTag(task);
      const detail = `The task has the ETag ${etag}: read it, and send that as If-Match`;
      return new HttpError('precondition_failed', { detail, extensions: { etag } });
    }
    case 'not_waiting': {
      const detail = `The task is ${outcome.status}: only one that is scheduled, queued or retrying can be changed`;
      return new HttpError('conflict', { detail, extensions: { task_status: outcome.status } });
    }
    case 'refused':
      return new HttpError('invalid_request', { errors: outcome.problems });
  }
};

const cancelledEvent = (tenantId: string, { taskId, taskType, agent, attempt }: Cancelled) => ({
  task_id: taskId,
  tenant_id: tenantId,
  task_type: taskType,
  agent,
  attempt,
});
