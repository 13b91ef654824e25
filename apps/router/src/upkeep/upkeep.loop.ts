import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { Upkeep } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';

const everyMs = 60_000;
const maxKeys = 10_000;
/** Retention is a matter of days. */
const roundsPerRetention = 60;
const maxTasks = 1_000;

/** Keeps partitions ahead of time, and out what need not be kept any more. */
@Injectable()
export class UpkeepLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;
  private rounds = 0;

  constructor(
    private readonly upkeep: Upkeep,
    private readonly env: RouterEnv,
    private readonly logger: Logger,
  ) {
    this.loop = new Loop(
      everyMs,
      () => this.round(),
      (err) => {
        logger.warn({ err }, 'a round failed; the next one tries again');
      },
    );
  }

  /** Once before the first task: a system that slept for weeks finds its partitions made. */
  async onApplicationBootstrap(): Promise<void> {
    await this.round();
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async round(): Promise<void> {
    const made = await this.upkeep.ensurePartitions();
    if (made > 0) this.logger.info({ made }, 'made partitions of the coming weeks');
    await this.upkeep.dropExpiredKeys(maxKeys);
    if (this.rounds++ % roundsPerRetention === 0) await this.retain();
  }

  private async retain(): Promise<void> {
    const { RETENTION_DAYS } = this.env;
    const dropped = await this.upkeep.dropExpiredPartitions(RETENTION_DAYS);
    if (dropped.length > 0) this.logger.info({ dropped }, 'dropped partitions whose time is over');
    while ((await this.upkeep.dropExpiredTasks(RETENTION_DAYS, maxTasks)) === maxTasks);
  }
}
