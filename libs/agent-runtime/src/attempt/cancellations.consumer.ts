import { Payload } from '@nestjs/microservices';
import type { TaskEvents } from '@pulser/contracts';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

import { LeaseKeeper } from './lease-keeper.js';

/** Aborts cancelled attempts at once; without the message the next renewal would find out. */
@MessageConsumer()
export class CancellationsConsumer {
  constructor(private readonly leases: LeaseKeeper) {}

  @OnMessage('task.cancelled')
  cancelled(@Payload() events: TaskEvents): void {
    for (const { task_id } of events) this.leases.lose(task_id);
  }
}
