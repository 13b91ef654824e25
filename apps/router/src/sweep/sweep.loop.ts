import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { type Lane, TaskBacklog } from '@pulser/context-bus';
import type { AgentName } from '@pulser/contracts';
import { Logger } from '@pulser/service-kit';

import { Dispatcher } from '../dispatch/dispatcher.js';
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
    private readonly env: RouterEnv,
    logger: Logger,
  ) {
    this.loop = new Loop(
      env.SWEEP_MS,
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
    await this.sweeper.sweep();
    const waiting = await this.backlog.waiting();
    for (const { agent, priority } of waiting) this.dispatcher.suspect(agent, priority);
    for (const agent of agentsThatAge(waiting)) await this.dispatcher.raise(agent, this.env.AGEING_S);
  }
}

const agentsThatAge = (waiting: readonly Lane[]): Set<AgentName> =>
  new Set(waiting.filter(({ priority }) => priority !== 'high').map(({ agent }) => agent));
