// What statements did to tasks and dead letters is folded into kept counts, and rollups of minutes become hours and days.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Folds } from '@pulser/context-bus';
import { Metrics, Rounds } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';

const foldEveryMs = 1_000;
/** Deltas of one statement, each of up to some hundred tasks. */
const maxDeltas = 2_000;
const raiseEveryMs = 60_000;
/** Rollups of one statement. */
const maxRollups = 2_000;
/** Retention is a matter of days: once per hour is enough. */
const roundsPerRetention = 60;
const measureEveryMs = 5_000;

/** Runs `step` until it finds less than a full batch. */
const untilDone = async (step: (limit: number) => Promise<number>, limit: number): Promise<void> => {
  while ((await step(limit)) >= limit);
};

/** Folds what the triggers wrote. Each router does; while one is at it the others leave it alone. */
@Injectable()
export class RollupRounds implements OnApplicationBootstrap {
  private readonly gauge;
  private round = 0;

  constructor(
    private readonly folds: Folds,
    private readonly env: RouterEnv,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.gauge = metrics.gauge({
      name: 'pulser_rollup_deltas',
      help: 'Changes of tasks and dead letters that are not folded into the kept counts yet; every router reports the same',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(foldEveryMs, () => this.fold());
    this.rounds.every(raiseEveryMs, () => this.raise());
    this.rounds.every(measureEveryMs, async () => {
      this.gauge.set(await this.folds.pending());
    });
  }

  private async fold(): Promise<void> {
    await untilDone((limit) => this.folds.foldTasks(limit), maxDeltas);
    await untilDone((limit) => this.folds.foldDeadLetters(limit), maxDeltas);
  }

  private async raise(): Promise<void> {
    await untilDone((limit) => this.folds.raise('minute', limit), maxRollups);
    await untilDone((limit) => this.folds.raise('hour', limit), maxRollups);
    if (this.round++ % roundsPerRetention === 0) await this.dropOld();
  }

  private async dropOld(): Promise<void> {
    const retention = {
      minutesForHours: this.env.ROLLUP_MINUTES_KEPT_HOURS,
      hoursForDays: this.env.ROLLUP_HOURS_KEPT_DAYS,
      daysForDays: this.env.ROLLUP_DAYS_KEPT_DAYS,
    };
    await untilDone((limit) => this.folds.dropOld(retention, limit), maxRollups);
    await this.folds.dropZeros();
  }
}
