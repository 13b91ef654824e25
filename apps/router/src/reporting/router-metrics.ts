import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { TaskBacklog } from '@pulser/context-bus';
import { type AgentName, builtInAgents, priorities, type TaskType } from '@pulser/contracts';
import { type Counter, Metrics } from '@pulser/service-kit';

import { Rounds } from '../rounds.js';

type Child = ReturnType<Counter['labels']>;

/** Counts what the router decides. */
@Injectable()
export class RouterMeter {
  private readonly decisions;
  private readonly sweeps;
  private readonly lostDispatches;
  /** By task type and agent: resolved once, because every dispatch counts here. */
  private readonly decisionsOf = new Map<string, Child>();

  constructor(metrics: Metrics) {
    this.decisions = metrics.counter({
      name: 'pulser_routing_decisions_total',
      help: 'Tasks sent to an agent',
      labelNames: ['task_type', 'agent'],
    });
    this.sweeps = metrics.counter({
      name: 'pulser_swept_tasks_total',
      help: 'Tasks moved on because their time had come',
      labelNames: ['reason'],
    });
    this.lostDispatches = metrics.counter({
      name: 'pulser_dispatches_lost_total',
      help: 'Dispatches that the broker did not take; their rows are found by their own time',
    });
  }

  routed(taskType: TaskType, agent: AgentName): void {
    const key = taskType + agent;
    const known = this.decisionsOf.get(key) ?? this.decisions.labels(taskType, agent);
    this.decisionsOf.set(key, known);
    known.inc();
  }

  swept(reason: string, tasks: number): void {
    if (tasks > 0) this.sweeps.labels(reason).inc(tasks);
  }

  dispatchesLost(tasks: number): void {
    this.lostDispatches.inc(tasks);
  }
}

const depthsEveryMs = 5_000;

/** Publishes how many tasks wait in the database, by agent and priority. */
@Injectable()
export class QueueDepthGauge implements OnApplicationBootstrap {
  private readonly gauge;
  /** An agent whose last task has gone must read 0, not vanish. */
  private readonly agents = new Set<AgentName>(builtInAgents);

  constructor(
    private readonly backlog: TaskBacklog,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.gauge = metrics.gauge({
      name: 'pulser_queue_depth_tasks',
      help: 'Tasks that wait for a worker',
      labelNames: ['agent', 'priority'],
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(depthsEveryMs, () => this.read());
  }

  private async read(): Promise<void> {
    const depths = await this.backlog.depths();
    for (const { agent } of depths) this.agents.add(agent);
    for (const agent of this.agents) for (const priority of priorities) this.gauge.labels(agent, priority).set(0);
    for (const { agent, priority, tasks } of depths) this.gauge.labels(agent, priority).set(tasks);
  }
}
