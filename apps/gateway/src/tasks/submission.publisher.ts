import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type CreatedTask, TaskIntake } from '@pulser/context-bus';
import { amqpPriority, type Priority, type TasksSubmitted } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { submittedTasks } from './submitted-tasks.policy.js';
import { TaskMetrics } from './task.metrics.js';

/**
 * Publishes new rows to the router, one message per commit and priority. No request waits for it: the router finds rows
 * whose message is lost when they are due.
 */
@Injectable()
export class SubmissionPublisher implements OnModuleInit {
  constructor(
    private readonly intake: TaskIntake,
    private readonly publisher: Publisher,
    private readonly metrics: TaskMetrics,
  ) {}

  onModuleInit(): void {
    this.intake.onCreated((tenantId, created) => {
      this.publishAll(tenantId, created);
    });
  }

  private publishAll(tenantId: string, created: readonly CreatedTask[]): void {
    const tasks = submittedTasks(tenantId, created);
    for (const [priority, same] of Map.groupBy(tasks, ({ priority }) => priority)) void this.publish(priority, same);
  }

  private async publish(priority: Priority, tasks: TasksSubmitted): Promise<void> {
    try {
      await this.publisher.publish('tasks.submitted', tasks, { priority: amqpPriority[priority] });
    } catch {
      this.metrics.dispatchesFailed.inc(tasks.length);
    }
  }
}
