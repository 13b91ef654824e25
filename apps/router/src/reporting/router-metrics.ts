import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { TaskBacklog, TaskSweep } from '@pulser/context-bus';
import { type AgentName, builtInAgents, priorities } from '@pulser/contracts';
import { breakerGauge, Metrics, Rounds } from '@pulser/service-kit';

import { Routes } from '../dispatch/routes.js';

/** Counts what the router moves on. */
@Injectable()
export class RouterMeter {
  private readonly sweeps;

  constructor(metrics: Metrics) {
    this.sweeps = metrics.counter({
      name: 'pulser_swept_tasks_total',
      help: 'Tasks moved on because their time had come',
      labelNames: ['reason'],
    });
    // Shown from the start: the first one is an increase too.
    for (const reason of ['due', 'worker_lost', 'overdue', 'woken', 'place']) this.sweeps.labels(reason).inc(0);
  }

  swept(reason: string, tasks: number): void {
    if (tasks > 0) this.sweeps.labels(reason).inc(tasks);
  }
}

const readEveryMs = 5_000;

/** Publishes for how long the sweep has not seen to a task whose time has come. */
@Injectable()
export class SweepGauge implements OnApplicationBootstrap {
  private readonly gauge;

  constructor(
    private readonly sweep: TaskSweep,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.gauge = metrics.gauge({
      name: 'pulser_sweep_overdue_seconds',
      help: 'For how long the task is due, and not looked at, that waits longest; every router reports the same',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(readEveryMs, async () => {
      this.gauge.set(await this.sweep.lateS());
    });
  }
}

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
    this.rounds.every(readEveryMs, () => this.read());
  }

  private async read(): Promise<void> {
    const depths = await this.backlog.depths();
    for (const { agent } of depths) this.agents.add(agent);
    for (const agent of this.agents) for (const priority of priorities) this.gauge.labels(agent, priority).set(0);
    for (const { agent, priority, tasks } of depths) this.gauge.labels(agent, priority).set(tasks);
  }
}

const breakersEveryMs = 1_000;

/** Publishes which agents get their tasks: what a breaker is for something outside, its status is for an agent. */
@Injectable()
export class AgentBreakerGauge implements OnApplicationBootstrap {
  private readonly gauge;

  constructor(
    private readonly routes: Routes,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.gauge = breakerGauge(metrics);
  }

  onApplicationBootstrap(): void {
    this.rounds.every(breakersEveryMs, async () => {
      await this.routes.refresh();
      for (const [agent, state] of this.routes.breakers) this.gauge.set(`agent.${agent}`, state);
    });
  }
}
