import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { queue } from '@pulser/contracts';
import { Broker } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import type { AgentQueueWindow } from './agent-queue-window.js';
import { Dispatcher } from './dispatcher.js';
import { Lanes } from './lanes.js';

const everyMs = 100;

/** Looks how full the queues are and sends what waits. */
@Injectable()
export class DispatchLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly lanes: Lanes,
    private readonly dispatcher: Dispatcher,
    private readonly broker: Broker,
    logger: Logger,
  ) {
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
    if (this.broker.state !== 'up') return;
    await Promise.all(this.lanes.active.map((lane) => this.look(lane)));
    await this.dispatcher.drain();
  }

  private look(lane: AgentQueueWindow): Promise<void> {
    return lane.look(() => this.broker.depth(queue.agent(lane.agent)));
  }
}
