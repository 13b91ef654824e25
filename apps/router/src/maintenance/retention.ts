import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataRetention, ScheduleSweep, Upkeep } from '@pulser/context-bus';
import { Logger, Rounds } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';

const everyMs = 60_000;
/** Retention is a matter of days: once per hour is enough. */
const roundsPerRetention = 60;
/** Rows per statement. */
const maxKeys = 10_000;
const maxTasks = 1_000;
/** Some hundred files each: the rest can wait for an hour. */
const maxDataRounds = 100;

/** Makes the partitions of the coming weeks, and deletes what need not be kept any more. */
@Injectable()
export class Retention implements OnApplicationBootstrap {
  private round = 0;

  constructor(
    private readonly upkeep: Upkeep,
    private readonly data: DataRetention,
    private readonly schedules: ScheduleSweep,
    private readonly env: RouterEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
  ) {}

  /** Once before the first task: an installation that was off for weeks needs new partitions first. */
  async onApplicationBootstrap(): Promise<void> {
    await this.tidy();
    this.rounds.every(everyMs, () => this.tidy());
  }

  private async tidy(): Promise<void> {
    const made = await this.upkeep.ensurePartitions();
    if (made > 0) this.logger.info({ made }, 'made partitions of the coming weeks');
    await this.upkeep.dropExpiredKeys(maxKeys);
    await this.upkeep.dropEndedLogins(maxKeys);
    if (this.round++ % roundsPerRetention === 0) await this.dropExpired();
  }

  private async dropExpired(): Promise<void> {
    const { RETENTION_DAYS } = this.env;
    const dropped = await this.upkeep.dropExpiredPartitions(RETENTION_DAYS);
    if (dropped.length > 0) this.logger.info({ dropped }, 'dropped partitions whose retention is over');
    while ((await this.upkeep.dropExpiredTasks(RETENTION_DAYS, maxTasks)) === maxTasks);
    while ((await this.schedules.dropFires(RETENTION_DAYS, maxTasks)) === maxTasks);
    await this.upkeep.dropExpiredSpend(RETENTION_DAYS, maxKeys);
    await this.upkeep.dropExpiredTurns(RETENTION_DAYS, maxKeys);
    await this.upkeep.dropExpiredFirings(RETENTION_DAYS, maxKeys);
    await this.dropData().catch((err: unknown) => {
      this.logger.warn({ err }, 'large files that need not be kept could not be removed');
    });
  }

  /** A store that cannot be reached is no reason not to tidy the rest: the next round tries again. */
  private async dropData(): Promise<void> {
    const { DATASET_RETENTION_DAYS: versionDays, UPLOAD_RETENTION_HOURS: uploadHours } = this.env;
    for (let round = 0; round < maxDataRounds; round += 1) {
      const swept = await this.data.sweep({ versionDays, uploadHours });
      if (swept.versions + swept.uploads + swept.abandoned === 0) return;
      this.logger.info({ ...swept }, 'removed versions, uploads and unfinished files');
    }
  }
}
