import { Injectable } from '@nestjs/common';
import type { TaskType } from '@pulser/contracts';
import { Metrics } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { type Outcome, outcomes, TelemetryReporter } from './telemetry.reporter.js';

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1_800];

/** An attempt whose end is measured. */
interface Measured {
  readonly tenantId: string;
  readonly taskType: TaskType;
  readonly attempt: number;
  /** From the time the task could start to the start of its handler. */
  readonly waitedMs: number;
  readonly runSeconds: number;
}

interface Series {
  readonly run: { observe(seconds: number): void };
  readonly wait: { observe(seconds: number): void };
  readonly ended: Readonly<Record<Outcome, { inc(): void }>>;
}

/** Measures attempts, for Prometheus at once and for `agent_telemetry` by interval. */
@Injectable()
export class AttemptMeter {
  private readonly series: ReadonlyMap<TaskType, Series>;
  private finished = 0;
  private failed = 0;

  constructor(
    profile: AgentProfile,
    metrics: Metrics,
    private readonly telemetry: TelemetryReporter,
  ) {
    this.series = new Map(profile.taskTypes.map((taskType) => [taskType, seriesOf(metrics, profile.name, taskType)]));
  }

  /** Since the start of this process. */
  get totals(): { readonly finished: number; readonly failed: number } {
    return { finished: this.finished, failed: this.failed };
  }

  ended({ tenantId, taskType, attempt, waitedMs, runSeconds }: Measured, outcome: Outcome): void {
    const waitSeconds = waitedMs / 1_000;
    const series = this.series.get(taskType);
    series?.run.observe(runSeconds);
    if (attempt === 1) series?.wait.observe(waitSeconds);
    series?.ended[outcome].inc();
    if (outcome === 'completed' || outcome === 'failed') this.finished += 1;
    if (outcome === 'failed') this.failed += 1;
    this.telemetry.observe(tenantId, outcome, runSeconds, waitSeconds);
  }
}

const labelNames = ['agent', 'task_type'] as const;

const seriesOf = (metrics: Metrics, agent: string, taskType: TaskType): Series => {
  const run = metrics.histogram({
    name: 'pulser_task_duration_seconds',
    help: 'Length of attempts',
    labelNames,
    buckets: durationBuckets,
  });
  const wait = metrics.histogram({
    name: 'pulser_task_queue_wait_seconds',
    help: 'From the time a task could start to the start of its first attempt',
    labelNames,
    buckets: durationBuckets,
  });
  const ended = metrics.counter({
    name: 'pulser_task_attempts_total',
    help: 'Attempts that ended, by outcome',
    labelNames: [...labelNames, 'outcome'] as const,
  });
  return {
    run: run.labels(agent, taskType),
    wait: wait.labels(agent, taskType),
    ended: Object.fromEntries(
      outcomes.map((outcome) => [outcome, ended.labels(agent, taskType, outcome)]),
    ) as Series['ended'],
  };
};
