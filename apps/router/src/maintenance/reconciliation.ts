import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { TaskBacklog } from '@pulser/context-bus';
import { type AgentName, queue } from '@pulser/contracts';
import { Broker } from '@pulser/messaging';
import { Logger, Rounds } from '@pulser/service-kit';

import { Routes } from '../dispatch/routes.js';

const everyMs = 250;

/**
 * Whether messages are gone from a queue. Unacknowledged ones are not counted in its depth, so a full queue may lack a
 * few; a second message for a task does no harm, but ten thousand of them cost.
 * @param tasks that should have a message in the queue
 * @param depth messages in the queue
 */
export const messagesLost = (tasks: number, depth: number): boolean => (depth === 0 ? tasks > 0 : depth < tasks / 2);

/**
 * Compares the messages that should be in the agents' queues with those that are, when the router starts and each time
 * the broker is back: after a broker has lost its data, tasks would otherwise wait for their `due_at`, possibly minutes.
 */
@Injectable()
export class Reconciliation implements OnApplicationBootstrap, OnApplicationShutdown {
  private stopListening = (): void => undefined;
  private isDue = true;

  constructor(
    private readonly broker: Broker,
    private readonly backlog: TaskBacklog,
    private readonly routes: Routes,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.stopListening = this.broker.onStateChange((state) => {
      if (state === 'up') this.isDue = true;
    });
    // A failure is not logged here: the first of the rounds below tries again, and logs its own.
    await this.reconcileWhenDue().catch(() => undefined);
    this.rounds.every(everyMs, () => this.reconcileWhenDue());
  }

  onApplicationShutdown(): void {
    this.stopListening();
  }

  private async reconcileWhenDue(): Promise<void> {
    if (!this.isDue || this.broker.state !== 'up') return;
    // Before the comparison: the broker may be gone and back in the middle of it.
    this.isDue = false;
    try {
      await this.reconcile();
    } catch (error) {
      this.isDue = true;
      throw error;
    }
  }

  private async reconcile(): Promise<void> {
    await this.routes.refresh();
    for (const { agent, tasks } of await this.backlog.dispatched()) {
      const depth = await this.depthFor(agent);
      if (!messagesLost(tasks, depth)) continue;
      this.logger.info({ agent, tasks, depth }, 'the broker lost messages; their tasks are sent again');
      await this.backlog.redispatch(agent);
    }
  }

  /** Messages where those of an agent may be: in its queue, or in that of the agent that stands in for it. */
  private async depthFor(agent: AgentName): Promise<number> {
    const queues = [...new Set([agent, this.routes.standInFor(agent)])].map((name) => queue.agent(name));
    const depths = await Promise.all(queues.map((name) => this.broker.depth(name)));
    return depths.reduce((sum, depth) => sum + depth, 0);
  }
}
