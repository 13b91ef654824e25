import { Injectable } from '@nestjs/common';
import { type Cancelled, TaskCancel, type TaskEntity, TaskReads } from '@pulser/context-bus';
import {
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
import { nextCursor, startOfPage } from '../rest/cursors.policy.js';
import { LongPolls } from './long-polls.service.js';
import { TaskMetrics } from './task.metrics.js';
import { taskSummary, taskView } from './tasks.views.js';

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
    if (task === null) throw new HttpError('not_found');
    return taskView(task);
  }

  /** The view once the task has ended, or as it is when the time is over. @throws HttpError `not_found` */
  async viewAtEnd(tenantId: string, taskId: string, { seconds, gone }: WaitLimits): Promise<TaskView> {
    const poll = this.longPolls.open(tenantId, taskId);
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
    if (task === null) throw new HttpError('not_found');
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
