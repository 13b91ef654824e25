import { Ctx, Payload } from '@nestjs/microservices';
import type { TaskDispatch, TaskDispatches } from '@pulser/contracts';
import { type DeliveryContext, MessageConsumer, OnMessage } from '@pulser/messaging';

import { Slots } from './slots.js';
import { TaskRunner } from './task-runner.js';

/** Returning acknowledges: each task has ended, waits for its next attempt, or is somebody else's. */
@MessageConsumer()
export class TaskConsumer {
  constructor(
    private readonly slots: Slots,
    private readonly runner: TaskRunner,
  ) {}

  @OnMessage('task.dispatch')
  async run(@Payload() dispatches: TaskDispatches, @Ctx() { redelivered }: DeliveryContext): Promise<void> {
    const runs = await Promise.allSettled(dispatches.map((dispatch) => this.runOne(dispatch, redelivered)));
    // Only now: whoever tries the message again must not meet what this attempt left running.
    const failed = runs.find((run) => run.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private runOne(dispatch: TaskDispatch, redelivered: boolean): Promise<void> {
    return this.slots.use(() => this.runner.run(dispatch, redelivered));
  }
}
