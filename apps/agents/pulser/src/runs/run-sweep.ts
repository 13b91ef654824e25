// Runs whose time has come, and ends that no message told of: both are found by what is due, however many runs are open.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RunEnds, WorkflowRuns } from '@pulser/context-bus';
import { Rounds } from '@pulser/service-kit';

import { RunAdvance } from './run-advance.js';

const everyMs = 500;
/** Milliseconds within which a message is expected. */
const missedMs = 500;
const batch = 200;

const cleanEveryMs = 60_000;
const cleanBatch = 500;

@Injectable()
export class RunSweep implements OnApplicationBootstrap {
  constructor(
    private readonly runs: WorkflowRuns,
    private readonly ends: RunEnds,
    private readonly advance: RunAdvance,
    private readonly rounds: Rounds,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, () => this.sweep());
    this.rounds.every(cleanEveryMs, () => this.clean());
  }

  /** @throws DatabaseUnavailable */
  async sweep(): Promise<void> {
    const due = await this.runs.due(missedMs, batch);
    await Promise.all(due.map((ref) => this.advance.advance(ref)));
  }

  private async clean(): Promise<void> {
    while ((await this.ends.deleteOld(cleanBatch)) === cleanBatch);
  }
}
