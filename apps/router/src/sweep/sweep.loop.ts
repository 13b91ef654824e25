import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { TaskBacklog } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { Loop } from '../flow/loop.js';
import { RouterEnv } from '../router.env.js';
import { Sweeper } from './sweeper.js';

/** Finds tasks whose time has come, and queued ones that nobody was told of. */
@Injectable()
export class SweepLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly sweeper: Sweeper,
    private readonly backlog: TaskBacklog,
    private readonly dispatcher: Dispatcher,
    { SWEEP_MS }: RouterEnv,
    logger: Logger,
  ) {
    this.loop = new Loop(SWEEP_MS, () => this.round(), logger);
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async round(): Promise<void> {
    await this.sweeper.sweep();
    for (const { agent, priority } of await this.backlog.waiting()) this.dispatcher.suspect(agent, priority);
  }
}
