import { Injectable } from '@nestjs/common';
import type { TaskDispatch } from '@pulser/contracts';
import type { Claim } from '@pulser/context-bus';

import { AgentProfile } from '../agent/agent-profile.js';
import { Attempt } from '../context/attempt.js';
import { TaskEventPublisher } from '../reporting/task-event.publisher.js';
import { AttemptEnd } from './attempt-end.js';
import { Handlers } from './handlers.js';
import { LeaseKeeper } from './lease-keeper.js';

/** Takes a claim to the end of its attempt: runs the handler under the lease, and has the end written. */
@Injectable()
export class AttemptRunner {
  constructor(
    private readonly profile: AgentProfile,
    private readonly leases: LeaseKeeper,
    private readonly events: TaskEventPublisher,
    private readonly handlers: Handlers,
    private readonly end: AttemptEnd,
  ) {}

  /** Resolves when the end is written and the handler runs no longer: until then its slot is taken. */
  async run(claim: Claim, dispatch: TaskDispatch): Promise<void> {
    const attempt = new Attempt(claim, dispatch, this.profile.limitsOf(dispatch.task_type).timeLimitMs);
    this.leases.hold(attempt);
    this.events.publish('task.started', attempt, {});
    const handler = this.handlers.start(attempt);
    const [outcome] = await Promise.allSettled([attempt.race(handler.result)]);
    // Before the end is written: that may wait for the database, but the grace of an aborted handler begins now.
    const released = handler.release();
    try {
      if (outcome.status === 'fulfilled') await this.end.complete(attempt, outcome.value);
      else await this.end.fail(attempt, outcome.reason);
    } finally {
      attempt.end();
      this.leases.drop(attempt);
      await released;
    }
  }
}
