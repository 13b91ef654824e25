import { Payload } from '@nestjs/microservices';
import type { TasksSubmitted } from '@pulser/contracts';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { Dispatcher } from '../dispatch/dispatcher.js';

/** Rows that a gateway has just committed. */
@MessageConsumer()
export class SubmissionsConsumer {
  constructor(private readonly dispatcher: Dispatcher) {}

  @OnMessage('tasks.submitted')
  submitted(@Payload() tasks: TasksSubmitted): Promise<void> {
    return this.dispatcher.offer(tasks);
  }
}
