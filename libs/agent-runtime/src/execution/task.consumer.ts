import { Ctx, Payload } from '@nestjs/microservices';
import type { TaskNudge } from '@pulser/contracts';
import { DeliveryContext, MessageConsumer, OnMessage } from '@pulser/messaging';

import { Slots } from './slots.js';
import { TaskRunner } from './task-runner.js';

/** Returning acknowledges: the task has ended, waits for its next attempt, or is somebody else's. */
@MessageConsumer()
export class TaskConsumer {
  constructor(
    private readonly slots: Slots,
    private readonly runner: TaskRunner,
  ) {}

  @OnMessage('task.nudge')
  async run(@Payload() nudge: TaskNudge, @Ctx() { redelivered }: DeliveryContext): Promise<void> {
    await this.slots.use(() => this.runner.run(nudge, redelivered));
  }
}
