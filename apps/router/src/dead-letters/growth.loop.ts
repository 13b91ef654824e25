import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { DeadLetterCounts } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';
import { growing, type GrowthLimits } from './growth.policy.js';
import { GrowthPublisher } from './growth.publisher.js';

const everyMs = 5_000;

/** Watches how many tasks fail for good. */
@Injectable()
export class GrowthLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;
  private readonly limits: GrowthLimits;

  constructor(
    private readonly counts: DeadLetterCounts,
    private readonly publisher: GrowthPublisher,
    { DEAD_LETTER_ALERT_COUNT, DEAD_LETTER_ALERT_WINDOW_S }: RouterEnv,
    logger: Logger,
  ) {
    this.limits = { most: DEAD_LETTER_ALERT_COUNT, windowS: DEAD_LETTER_ALERT_WINDOW_S };
    this.loop = new Loop(
      everyMs,
      () => this.round(),
      (err) => {
        logger.warn({ err }, 'a round failed; the next one tries again');
      },
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async round(): Promise<void> {
    const arrivals = await this.counts.arrivals(this.limits.windowS);
    for (const growth of growing(arrivals, this.limits)) await this.publisher.tell(growth);
  }
}
