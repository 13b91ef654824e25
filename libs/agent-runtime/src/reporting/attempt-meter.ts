// Metrics of attempts and handlers for Prometheus. What happened to tasks is counted by the database.
import { Injectable } from '@nestjs/common';
import { priorities, type Priority, systemTenantId, type TaskType } from '@pulser/contracts';
import { type Counter, type Gauge, Metrics } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';

/** How an attempt ended. `lost`: the lease was taken away; `released`: given back at a shutdown; `suspended`: waits. */
export const outcomes = ['completed', 'failed', 'retried', 'suspended', 'lost', 'released'] as const;
export type Outcome = (typeof outcomes)[number];

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1_800];

/** An attempt whose end is measured. */
interface Measured {
  readonly tenantId: string;
  readonly taskType: TaskType;
  readonly attempt: number;
  /** From the time the task could start to the start of its handler. */
  readonly waitedMs: number;
  readonly runSeconds: number;
  /** Null: no row says that the task began. */
  readonly priority: Priority | null;
}

interface Series {
  readonly run: { observe(seconds: number): void };
  readonly wait: ReadonlyMap<Priority, { observe(seconds: number): void }>;
  readonly ended: Readonly<Record<Outcome, { inc(): void }>>;
}

/** Measures attempts. */
@Injectable()
export class AttemptMeter {
  private readonly series: ReadonlyMap<TaskType, Series>;
  private finished = 0;
  private failed = 0;

  constructor(profile: AgentProfile, metrics: Metrics) {
    this.series = new Map(profile.taskTypes.map((taskType) => [taskType, seriesOf(metrics, profile.name, taskType)]));
  }

  /** Since the start of this process. */
  get totals(): { readonly finished: number; readonly failed: number } {
    return { finished: this.finished, failed: this.failed };
  }

  /** Tasks of Pulser itself are not counted. */
  ended({ tenantId, taskType, attempt, priority, waitedMs, runSeconds }: Measured, outcome: Outcome): void {
    if (tenantId === systemTenantId) return;
    const series = this.series.get(taskType);
    series?.run.observe(runSeconds);
    if (attempt === 1 && priority !== null) series?.wait.get(priority)?.observe(waitedMs / 1_000);
    series?.ended[outcome].inc();
    if (outcome === 'completed' || outcome === 'failed') this.finished += 1;
    if (outcome === 'failed') this.failed += 1;
  }
}

const labelNames = ['agent', 'task_type'] as const;

/** From the start, as 0: the first one is an increase too. */
const shown = <C extends { inc(by: number): void }>(counter: C): C => {
  counter.inc(0);
  return counter;
};

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
    labelNames: [...labelNames, 'priority'] as const,
    buckets: durationBuckets,
  });
  const ended = metrics.counter({
    name: 'pulser_task_attempts_total',
    help: 'Attempts that ended, by outcome',
    labelNames: [...labelNames, 'outcome'] as const,
  });
  // Shown from the start: the first wait is an increase too.
  for (const priority of priorities) wait.zero({ agent, task_type: taskType, priority });
  return {
    run: run.labels(agent, taskType),
    wait: new Map(priorities.map((priority) => [priority, wait.labels(agent, taskType, priority)])),
    ended: Object.fromEntries(
      outcomes.map((outcome) => [outcome, shown(ended.labels(agent, taskType, outcome))]),
    ) as Series['ended'],
  };
};

/** Counts threads of handlers, and handlers that ignored their abort. */
@Injectable()
export class HandlerMeter {
  private readonly gauge: Gauge;
  private readonly cut: Counter<'task_type'>;
  private readonly ignoring: Counter<'task_type'>;

  constructor(metrics: Metrics) {
    this.gauge = metrics.gauge({ name: 'pulser_handler_threads', help: 'Threads that run handlers or wait for one' });
    this.cut = metrics.counter({
      name: 'pulser_handlers_cut_off_total',
      help: 'Handlers whose thread was ended because they ignored their abort',
      labelNames: ['task_type'],
    });
    this.ignoring = metrics.counter({
      name: 'pulser_handlers_ignoring_abort_total',
      help: 'Inline handlers that went on after their abort and its grace',
      labelNames: ['task_type'],
    });
  }

  threads(count: number): void {
    this.gauge.set(count);
  }

  cutOff(taskType: TaskType): void {
    this.cut.inc({ task_type: taskType });
  }

  ignoredAbort(taskType: TaskType): void {
    this.ignoring.inc({ task_type: taskType });
  }
}
