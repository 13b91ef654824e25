import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { queue } from '@pulser/contracts';
import { TaskBacklog } from '@pulser/context-bus';
import { Broker } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

/**
 * Compares what should lie in the queues with what does, each time the broker is back: one that lost its data would
 * otherwise leave tasks to wait until their own time comes.
 */
@Injectable()
export class Recovery implements OnApplicationBootstrap, OnApplicationShutdown {
  private stopListening = (): void => undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly broker: Broker,
    private readonly backlog: TaskBacklog,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.stopListening = this.broker.onStateChange((state) => {
      if (state === 'up') this.looking = this.looking.then(() => this.lookAgain());
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopListening();
    await this.looking;
  }

  private async lookAgain(): Promise<void> {
    try {
      for (const { agent, tasks } of await this.backlog.nudged()) {
        const depth = await this.broker.depth(queue.agent(agent));
        if (depth >= tasks) continue;
        this.logger.info({ agent, tasks, depth }, 'the broker lost messages; their tasks are sent again');
        await this.backlog.awaken(agent);
      }
    } catch (error) {
      // Each row's own time still brings it back.
      this.logger.warn({ err: error }, 'could not look for lost messages');
    }
  }
}
