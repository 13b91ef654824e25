import { Injectable } from '@nestjs/common';

import { FactsPublisher } from '../facts/facts.publisher.js';
import { LeaseKeeper } from '../leases/lease-keeper.js';
import type { Attempt } from './attempt.js';
import { AttemptEnd } from './attempt-end.js';
import { Handlers } from './handlers.js';

/** Runs the handler of one attempt under its lease, and sees the attempt to its end. */
@Injectable()
export class AttemptRunner {
  constructor(
    private readonly handlers: Handlers,
    private readonly end: AttemptEnd,
    private readonly leases: LeaseKeeper,
    private readonly facts: FactsPublisher,
  ) {}

  async run(attempt: Attempt): Promise<void> {
    const startedAt = performance.now();
    this.leases.hold(attempt);
    this.facts.tell('task.started', attempt, {});
    try {
      await this.handle(attempt, startedAt);
    } finally {
      attempt.end();
      this.leases.drop(attempt);
    }
  }

  private async handle(attempt: Attempt, startedAt: number): Promise<void> {
    let result: unknown;
    try {
      result = await this.handlers.run(attempt);
    } catch (error) {
      await this.end.fail(attempt, error, startedAt);
      return;
    }
    await this.end.complete(attempt, result, startedAt);
  }
}
