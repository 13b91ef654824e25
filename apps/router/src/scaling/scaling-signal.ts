import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AgentWaits } from '@pulser/context-bus';
import { type AgentName, type AgentScaling, builtInAgents } from '@pulser/contracts';
import { Broker, Publisher } from '@pulser/messaging';
import { Metrics, Rounds } from '@pulser/service-kit';

import { AgentQueueWindows } from '../dispatch/agent-queue-window.js';
import { RouterEnv } from '../router.env.js';
import { scalingOf } from './scaling.policy.js';

const everyMs = 5_000;

/**
 * Measures how many workers each agent should have, and tells Prometheus and the gateways. Every router reports the same
 * figures: take the maximum over the routers, not the sum.
 */
@Injectable()
export class ScalingSignal implements OnApplicationBootstrap {
  private readonly oldest;
  private readonly slots;
  private readonly workers;
  /** An agent whose last task has gone must read 0, not vanish. */
  private readonly agents = new Set<AgentName>(builtInAgents);

  constructor(
    private readonly waits: AgentWaits,
    private readonly windows: AgentQueueWindows,
    private readonly rounds: Rounds,
    private readonly broker: Broker,
    private readonly publisher: Publisher,
    private readonly env: RouterEnv,
    metrics: Metrics,
  ) {
    const gauge = (name: string, help: string) => metrics.gauge({ name, help, labelNames: ['agent'] as const });
    this.oldest = gauge('pulser_agent_oldest_wait_seconds', 'How long the oldest task that is not paused has waited');
    this.slots = gauge('pulser_agent_desired_slots', 'Tasks that the workers of an agent should run at a time');
    this.workers = gauge('pulser_agent_desired_workers', 'Worker processes that an agent should have');
  }

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, () => this.measure());
  }

  private async measure(): Promise<void> {
    const waits = new Map((await this.waits.all()).map((wait) => [wait.agent, wait]));
    for (const agent of [...waits.keys(), ...this.windows.agents]) this.agents.add(agent);
    const signals = [...this.agents].map((agent) => {
      const { tasks = 0, oldestS = 0 } = waits.get(agent) ?? {};
      const waiting = { waiting: tasks, oldestWaitS: oldestS, objectiveS: this.objectiveOf(agent) };
      return scalingOf(agent, this.windows.of(agent).workforceAt(performance.now()), waiting);
    });
    for (const signal of signals) this.show(signal);
    // Without it gateways say that they do not know.
    if (this.broker.state === 'up') await this.publisher.publish('scaling.measured', signals).catch(() => undefined);
  }

  private show({ agent, oldest_wait_s, desired_slots, desired_workers }: AgentScaling): void {
    this.oldest.labels(agent).set(oldest_wait_s);
    this.slots.labels(agent).set(desired_slots);
    this.workers.labels(agent).set(desired_workers);
  }

  private objectiveOf(agent: AgentName): number {
    return this.env.WAIT_OBJECTIVES[agent] ?? this.env.WAIT_OBJECTIVE_S;
  }
}
