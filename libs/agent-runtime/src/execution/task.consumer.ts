import { Ctx, Payload } from '@nestjs/microservices';
import type { TaskNudge, TaskNudges } from '@pulser/contracts';
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

  @OnMessage('task.nudge')
  async run(@Payload() nudges: TaskNudges, @Ctx() { redelivered }: DeliveryContext): Promise<void> {
    const runs = await Promise.allSettled(nudges.map((nudge) => this.runOne(nudge, redelivered)));
    // Only now: whoever tries the message again must not meet what this attempt left running.
    const failed = runs.find((run) => run.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private runOne(nudge: TaskNudge, redelivered: boolean): Promise<void> {
    return this.slots.use(() => this.runner.run(nudge, redelivered));
  }
}
