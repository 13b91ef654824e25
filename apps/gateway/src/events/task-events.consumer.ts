import { Payload } from '@nestjs/microservices';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { TaskNotifier } from './task-notifier.js';

type TaskEvents = readonly { readonly task_id: string }[];

/** Passes what workers publish about tasks to the requests of this process that wait for them. */
@MessageConsumer()
export class TaskEventsConsumer {
  constructor(private readonly notifier: TaskNotifier) {}

  @OnMessage('task.started', 'task.progress', 'task.retrying')
  moved(@Payload() events: TaskEvents): void {
    for (const { task_id } of events) this.notifier.notify(task_id, false);
  }

  @OnMessage('task.completed', 'task.failed', 'task.cancelled')
  ended(@Payload() events: TaskEvents): void {
    for (const { task_id } of events) this.notifier.notify(task_id, true);
  }
}
