import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { queue } from '@pulser/contracts';
import { TaskBacklog } from '@pulser/context-bus';
import { Broker } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { messagesLost } from './lost-messages.policy.js';

const everyMs = 250;

/**
 * Compares what should lie in the queues with what does, when the router starts and each time the broker is back: one
 * that lost its data would otherwise leave tasks to wait until their own time comes, which may be minutes.
 */
@Injectable()
export class Recovery implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;
  private stopListening = (): void => undefined;
  private isDue = true;

  constructor(
    private readonly broker: Broker,
    private readonly backlog: TaskBacklog,
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

  async onApplicationBootstrap(): Promise<void> {
    this.stopListening = this.broker.onStateChange((state) => {
      if (state === 'up') this.isDue = true;
    });
    // When this fails, the loop tries again, and tells.
    await this.round().catch(() => undefined);
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    this.stopListening();
    return this.loop.stop();
  }

  private async round(): Promise<void> {
    if (!this.isDue || this.broker.state !== 'up') return;
    // Before the look: the broker may be gone and back in the middle of it.
    this.isDue = false;
    try {
      await this.reconcile();
    } catch (error) {
      this.isDue = true;
      throw error;
    }
  }

  private async reconcile(): Promise<void> {
    for (const { agent, tasks } of await this.backlog.dispatched()) {
      const depth = await this.broker.depth(queue.agent(agent));
      if (!messagesLost(tasks, depth)) continue;
      this.logger.info({ agent, tasks, depth }, 'the broker lost messages; their tasks are sent again');
      await this.backlog.redispatch(agent);
    }
  }
}
