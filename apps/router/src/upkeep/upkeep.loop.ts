import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Upkeep } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { Loop } from '../flow/loop.js';

const everyMs = 60_000;
const keysAtOnce = 10_000;

/** Keeps partitions ahead of time and expired keys out. */
@Injectable()
export class UpkeepLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly upkeep: Upkeep,
    private readonly logger: Logger,
  ) {
    this.loop = new Loop(everyMs, () => this.round(), logger);
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
    await this.upkeep.dropExpiredKeys(keysAtOnce);
  }
}
