import { Injectable } from '@nestjs/common';

import { TaskEventPublisher } from '../facts/task-event.publisher.js';
import { LeaseKeeper } from '../leases/lease-keeper.js';
import type { Attempt } from './attempt.js';
import { AttemptEnd } from './attempt-end.js';
import { Handlers } from './handlers.js';
import type { Work } from './work.js';

/** Runs the handler of one attempt under its lease, and sees the attempt to its end. */
@Injectable()
export class AttemptRunner {
  constructor(
    private readonly handlers: Handlers,
    private readonly end: AttemptEnd,
    private readonly leases: LeaseKeeper,
    private readonly facts: TaskEventPublisher,
  ) {}

  /** Resolves when the end is written and the handler runs no longer: until then its slot is taken. */
  async run(attempt: Attempt): Promise<void> {
    const startedAt = performance.now();
    this.leases.hold(attempt);
    this.facts.tell('task.started', attempt, {});
    const work = this.handlers.start(attempt);
    const write = await this.outcome(attempt, work, startedAt);
    // Before the write: that may wait for the database, but the grace of a handler that was told to stop runs.
    const over = work.over();
    try {
      await write();
    } finally {
      attempt.end();
      this.leases.drop(attempt);
      await over;
    }
  }

  private outcome(attempt: Attempt, work: Work, startedAt: number): Promise<() => Promise<void>> {
    return attempt.race(work.result).then(
      (result) => () => this.end.complete(attempt, result, startedAt),
      (error: unknown) => () => this.end.fail(attempt, error, startedAt),
    );
  }
}
