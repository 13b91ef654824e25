import { Injectable } from '@nestjs/common';
import { type AgentName, agentNames, type TaskType, taskTypes } from '@pulser/contracts';
import { Metrics } from '@pulser/service-kit';

const sweepReasons = ['due', 'worker_lost', 'deadline_exceeded'] as const;

interface Count {
  inc(by?: number): void;
}

/** Counts what the router decides. */
@Injectable()
export class RouterMeter {
  private readonly decisions: ReadonlyMap<string, Count>;
  private readonly sweeps: ReadonlyMap<string, Count>;
  private readonly lostDispatches: Count;

  constructor(metrics: Metrics) {
    const decisions = metrics.counter({
      name: 'pulser_routing_decisions_total',
      help: 'Tasks sent to an agent',
      labelNames: ['task_type', 'agent'],
    });
    this.decisions = new Map(
      taskTypes.flatMap((type) => agentNames.map((agent) => [type + agent, decisions.labels(type, agent)] as const)),
    );
    const sweeps = metrics.counter({
      name: 'pulser_swept_tasks_total',
      help: 'Tasks moved on because their time had come',
      labelNames: ['reason'],
    });
    this.sweeps = new Map(sweepReasons.map((reason) => [reason, sweeps.labels(reason)]));
    this.lostDispatches = metrics.counter({
      name: 'pulser_dispatches_lost_total',
      help: 'Dispatches that the broker did not take; their rows are found by their own time',
    });
  }

  routed(taskType: TaskType, agent: AgentName): void {
    this.decisions.get(taskType + agent)?.inc();
  }

  swept(reason: string, tasks: number): void {
    if (tasks > 0) this.sweeps.get(reason)?.inc(tasks);
  }

  dispatchesLost(tasks: number): void {
    this.lostDispatches.inc(tasks);
  }
}
