// The metrics of agents, as the leader knows them. Another process exports none of them: what it knew would grow old.
import { Injectable } from '@nestjs/common';
import type { AgentStatus } from '@pulser/contracts';
import { Metrics } from '@pulser/service-kit';

import { CanaryRound } from '../signals/canary-round.js';
import type { Observed } from '../status/agent-state.js';

const statuses: readonly AgentStatus[] = ['healthy', 'degraded', 'unhealthy'];
const quantiles = ['0.5', '0.95', '0.99'] as const;
const megabyte = 1_000_000;

@Injectable()
export class HealthMetrics {
  private readonly gauges;
  private readonly status;
  private readonly runTimes;

  constructor(
    private readonly canaries: CanaryRound,
    metrics: Metrics,
  ) {
    const gauge = (name: string, help: string) => metrics.gauge({ name, help, labelNames: ['agent'] as const });
    this.status = metrics.gauge({
      name: 'pulser_agent_status',
      help: '1 for the status that an agent has, else 0',
      labelNames: ['agent', 'status'] as const,
    });
    this.runTimes = metrics.gauge({
      name: 'pulser_agent_response_seconds',
      help: 'Run time of tasks that completed within the last hour, by quantile',
      labelNames: ['agent', 'quantile'] as const,
    });
    this.gauges = {
      share: gauge('pulser_agent_share_ratio', 'Part of its new tasks that goes to an agent; the rest has a stand-in'),
      instances: gauge('pulser_agent_instances', 'Worker processes that are heard of'),
      slots: gauge('pulser_agent_slots', 'Tasks that the workers of an agent run at a time'),
      running: gauge('pulser_agent_slots_taken', 'Slots of workers that are in use'),
      consumers: gauge('pulser_agent_consumers', 'Consumers of the queue of an agent'),
      memory: gauge('pulser_agent_memory_bytes', 'Memory of the largest worker process of an agent'),
      lag: gauge(
        'pulser_agent_event_loop_lag_seconds',
        'Longest delay of the event loop of a worker in the last second',
      ),
      depth: gauge('pulser_agent_queue_depth_tasks', 'Tasks of an agent that wait, in its queue and in the database'),
      canary: gauge('pulser_agent_canary_seconds', 'How long the last canary of an agent that came back was away'),
      success: gauge('pulser_agent_success_ratio', 'Part of the last 100 tasks of an agent that succeeded'),
      errors: gauge('pulser_agent_error_ratio', 'Part of the tasks of the last hour that failed'),
    };
  }

  show(all: readonly Observed[]): void {
    this.clear();
    for (const one of all) this.showOne(one);
  }

  /** This process does not lead any more. */
  clear(): void {
    for (const gauge of [this.status, this.runTimes, ...Object.values(this.gauges)]) gauge.reset();
  }

  private showOne({ watched: { agent }, facts, state, order, depth, hour }: Observed): void {
    const canary = this.canaries.figures(agent);
    const ended = hour === undefined ? 0 : hour.completed + hour.failed;
    const values: Record<keyof typeof this.gauges, number | undefined> = {
      share: order.share / 100,
      instances: facts.instances,
      slots: facts.slots,
      running: facts.running,
      consumers: facts.consumers,
      memory: facts.memoryMb === undefined ? undefined : facts.memoryMb * megabyte,
      lag: facts.lagMs === undefined ? undefined : facts.lagMs / 1_000,
      depth: depth?.queued ?? 0,
      canary: canary.latencyMs === undefined ? undefined : canary.latencyMs / 1_000,
      success: state.outcomes.success,
      errors: hour === undefined || ended === 0 ? undefined : hour.failed / ended,
    };
    for (const [name, value] of Object.entries(values) as [keyof typeof values, number | undefined][])
      if (value !== undefined) this.gauges[name].labels(agent).set(value);
    for (const status of statuses) this.status.labels(agent, status).set(status === order.status ? 1 : 0);
    for (const [index, quantile] of quantiles.entries()) {
      const ms = hour?.runMs?.[index];
      if (ms !== undefined) this.runTimes.labels(agent, quantile).set(ms / 1_000);
    }
  }
}
