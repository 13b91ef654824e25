// Rows that this worker has queued: children of its tasks, and tasks that it has woken. The router dispatches them; those whose
// message is lost it finds when they are due.
import { Injectable } from '@nestjs/common';
import { DispatchPort, type GatedTask, TaskResults } from '@pulser/context-bus';
import { amqpPriority, type SubmittedTask } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

@Injectable()
export class QueuedTasksPublisher extends DispatchPort {
  constructor(
    private readonly publisher: Publisher,
    private readonly logger: Logger,
    results: TaskResults,
  ) {
    super();
    results.onWoken((tasks) => {
      this.submitted(tasks);
    });
  }

  override gated(tasks: readonly GatedTask[]): void {
    this.submitted(tasks);
  }

  override submitted(tasks: readonly SubmittedTask[]): void {
    for (const [priority, same] of Map.groupBy(tasks, (task) => task.priority)) {
      this.publisher.publish('tasks.submitted', same, { priority: amqpPriority[priority] }).catch((error: unknown) => {
        this.logger.debug({ err: error }, 'tasks that were queued were not announced');
      });
    }
  }
}
