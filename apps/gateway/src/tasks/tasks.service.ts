// Tasks as the API shows them: their views, reading them, waiting for their end, cancelling them.
import { Injectable } from '@nestjs/common';
import {
  type ArtifactInfo,
  type Cancelled,
  TaskCancel,
  type TaskEntity,
  TaskReads,
  type WholeTask,
} from '@pulser/context-bus';
import {
  type ArtifactView,
  hasEnded,
  HttpError,
  type MessageInput,
  type TaskPage,
  type TaskQuery,
  type TaskSummary,
  type TaskView,
} from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import type { RequestCaller } from '../access/caller.js';
import { LongPolls } from '../events/task-notifier.js';
import { artifactPath, nextCursor, notFound, startOfPage, taskLinks } from '../rest/parameters.js';
import { TaskMetrics } from './submissions.service.js';

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

/** The whole task. */
export const taskView = (task: WholeTask): TaskView => ({
  ...taskSummary(task),
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
    private readonly cancels: TaskCancel,
    private readonly longPolls: LongPolls,
    private readonly publisher: Publisher,
    private readonly metrics: TaskMetrics,
  ) {}

  /** @throws HttpError `not_found` */
  async view(tenantId: string, taskId: string): Promise<TaskView> {
    const task = await this.reads.find(tenantId, taskId);
    if (task === null) throw notFound('task');
    return taskView(task);
  }

  /** The view once the task has ended, or as it is when the time is over. @throws HttpError `not_found` */
  async viewAtEnd(tenantId: string, taskId: string, { seconds, gone }: WaitLimits): Promise<TaskView> {
    const poll = await this.longPolls.open(tenantId, taskId);
    try {
      const task = await this.view(tenantId, taskId);
      if (hasEnded(task.status)) return task;
      await poll.wait(seconds * 1_000, gone);
      return await this.view(tenantId, taskId);
    } finally {
      poll.close();
    }
  }

  /** @throws HttpError `invalid_request` for a cursor that this API did not make */
  async page(tenantId: string, { cursor, ...query }: TaskQuery): Promise<TaskPage> {
    const after = startOfPage(cursor);
    const tasks = await this.reads.list(tenantId, { ...query, ...(after !== undefined && { cursor: after }) });
    return { tasks: tasks.map(taskSummary), next_cursor: nextCursor(tasks, query.limit, ({ taskId }) => taskId) };
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

  // With the message the worker stops sooner; without it, when it finds that it lost its lease.
  private async publishCancelled(events: MessageInput<'task.cancelled'>): Promise<void> {
    try {
      await this.publisher.publish('task.cancelled', events);
    } catch {
      this.metrics.dispatchesFailed.inc();
    }
  }
}

const cancelledEvent = (tenantId: string, { taskId, taskType, agent, attempt }: Cancelled) => ({
  task_id: taskId,
  tenant_id: tenantId,
  task_type: taskType,
  agent,
  attempt,
});
