import { Injectable } from '@nestjs/common';
import { type Cancelled, TaskCancel, type TaskEntity, TaskReads } from '@pulser/context-bus';
import { HttpError, type MessageInput, type TaskSummary } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import type { RequestCaller } from '../access/caller.js';
import { GatewayMetrics } from '../gateway.metrics.js';
import { taskSummary } from './task-view.policy.js';

/** Ends tasks at their tenant's wish. */
@Injectable()
export class Cancellations {
  constructor(
    private readonly cancels: TaskCancel,
    private readonly reads: TaskReads,
    private readonly publisher: Publisher,
    private readonly metrics: GatewayMetrics,
  ) {}

  /** Ends a task with its steps. @throws HttpError `not_found`, or `conflict` when the task has ended */
  async cancel({ tenantId, actor }: RequestCaller, taskId: string): Promise<TaskSummary> {
    const cancelled = await this.cancels.cancel(tenantId, actor, taskId);
    const task = await this.state(tenantId, taskId);
    if (cancelled.length === 0) {
      throw new HttpError('conflict', { detail: 'The task has ended', extensions: { task_status: task.status } });
    }
    void this.tell(cancelled.map((one) => factOf(tenantId, one)));
    return taskSummary(task);
  }

  private async state(tenantId: string, taskId: string): Promise<TaskEntity> {
    const task = await this.reads.find(tenantId, taskId);
    if (task === null) throw new HttpError('not_found');
    return task;
  }

  // The worker stops sooner when it hears of it; its lease is gone either way.
  private async tell(facts: MessageInput<'task.cancelled'>): Promise<void> {
    try {
      await this.publisher.publish('task.cancelled', facts);
    } catch {
      this.metrics.dispatchesFailed.inc();
    }
  }
}

const factOf = (tenantId: string, { taskId, taskType, agent, attempt }: Cancelled) => ({
  task_id: taskId,
  tenant_id: tenantId,
  task_type: taskType,
  agent,
  attempt,
});
