import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { agentNames, priorities } from '@pulser/contracts';
import { TaskBacklog } from '@pulser/context-bus';
import { Logger, Metrics } from '@pulser/service-kit';

const everyMs = 5_000;

/** Publishes how many tasks wait in the database, by agent and priority. */
@Injectable()
export class QueueDepthGauge implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;
  private readonly gauge;

  constructor(
    private readonly backlog: TaskBacklog,
    metrics: Metrics,
    logger: Logger,
  ) {
    this.gauge = metrics.gauge({
      name: 'pulser_queue_depth_tasks',
      help: 'Tasks that wait for a worker',
      labelNames: ['agent', 'priority'],
    });
    this.loop = new Loop(
      everyMs,
      () => this.read(),
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

  private async read(): Promise<void> {
    const depths = await this.backlog.depths();
    for (const agent of agentNames) for (const priority of priorities) this.gauge.labels(agent, priority).set(0);
    for (const { agent, priority, tasks } of depths) this.gauge.labels(agent, priority).set(tasks);
  }
}
