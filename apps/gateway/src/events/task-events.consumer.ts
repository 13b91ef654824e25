import { Payload } from '@nestjs/microservices';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { TaskNotifier } from './task-notifier.js';

type Facts = readonly { readonly task_id: string }[];

/** Hears on the broker what happens to tasks and wakes whoever waits for it here. */
@MessageConsumer()
export class TaskEventsConsumer {
  constructor(private readonly signals: TaskNotifier) {}

  @OnMessage('task.started', 'task.progress', 'task.retrying')
  moved(@Payload() facts: Facts): void {
    for (const { task_id } of facts) this.signals.send(task_id, false);
  }

  @OnMessage('task.completed', 'task.failed', 'task.cancelled')
  ended(@Payload() facts: Facts): void {
    for (const { task_id } of facts) this.signals.send(task_id, true);
  }
}
