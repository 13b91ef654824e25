import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type CreatedTask, TaskIntake } from '@pulser/context-bus';
import { amqpPriority, type Priority, type TasksSubmitted } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { GatewayMetrics } from '../gateway.metrics.js';
import { submittedTasks } from './submitted-tasks.policy.js';

/** Tells the router of new rows, one message a commit and priority. Nobody waits for it: rows whose message is lost are found later. */
@Injectable()
export class SubmissionPublisher implements OnModuleInit {
  constructor(
    private readonly intake: TaskIntake,
    private readonly publisher: Publisher,
    private readonly metrics: GatewayMetrics,
  ) {}

  onModuleInit(): void {
    this.intake.onCreated((tenantId, created) => {
      this.announce(tenantId, created);
    });
  }

  private announce(tenantId: string, created: readonly CreatedTask[]): void {
    const tasks = submittedTasks(tenantId, created);
    for (const [priority, same] of Map.groupBy(tasks, ({ priority }) => priority)) void this.send(priority, same);
  }

  private async send(priority: Priority, tasks: TasksSubmitted): Promise<void> {
    try {
      await this.publisher.publish('tasks.submitted', tasks, { priority: amqpPriority[priority] });
    } catch {
      this.metrics.dispatchesFailed.inc(tasks.length);
    }
  }
}
