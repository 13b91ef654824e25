// Figures of attempts and handlers: `agent_telemetry` by interval, and metrics for Prometheus at once.
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Measurement, Telemetry } from '@pulser/context-bus';
import type { TaskType } from '@pulser/contracts';
import { type Counter, type Gauge, Logger, Metrics } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';

/** How an attempt ended. `lost`: the lease was taken away; `released`: given back at a shutdown. */
export const outcomes = ['completed', 'failed', 'retried', 'lost', 'released'] as const;
export type Outcome = (typeof outcomes)[number];

/** Sums over one tenant's attempts in one interval. */
interface Interval {
  readonly ended: Record<Outcome, number>;
  attempts: number;
  runSeconds: number;
  maxSeconds: number;
  waitSeconds: number;
}

const newInterval = (): Interval => ({
  ended: { completed: 0, failed: 0, retried: 0, lost: 0, released: 0 },
  attempts: 0,
  runSeconds: 0,
  maxSeconds: 0,
  waitSeconds: 0,
});

/** One reading per metric; counts of outcomes that did not happen are left out. */
const readings = (interval: Interval): Pick<Measurement, 'metric_name' | 'metric_value' | 'unit'>[] => [
  ...Object.entries(interval.ended)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => ({ metric_name: `attempts_${outcome}`, metric_value: count, unit: '1' })),
  { metric_name: 'attempt_duration_mean', metric_value: interval.runSeconds / interval.attempts, unit: 's' },
  { metric_name: 'attempt_duration_max', metric_value: interval.maxSeconds, unit: 's' },
  { metric_name: 'queue_wait_mean', metric_value: interval.waitSeconds / interval.attempts, unit: 's' },
];

/** Writes `agent_telemetry`: one row per tenant, metric and interval, never one per task. */
@Injectable()
export class TelemetryReporter implements OnModuleInit, OnApplicationShutdown {
  private byTenant = new Map<string, Interval>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly telemetry: Telemetry,
    private readonly profile: AgentProfile,
    private readonly env: AgentEnv,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.write(), this.env.TELEMETRY_INTERVAL_S * 1_000);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  observe(tenantId: string, outcome: Outcome, seconds: number, waitSeconds: number): void {
    let interval = this.byTenant.get(tenantId);
    if (interval === undefined) this.byTenant.set(tenantId, (interval = newInterval()));
    interval.ended[outcome] += 1;
    interval.attempts += 1;
    interval.runSeconds += seconds;
    interval.maxSeconds = Math.max(interval.maxSeconds, seconds);
    interval.waitSeconds += waitSeconds;
  }

  private async write(): Promise<void> {
    const measured = this.byTenant;
    this.byTenant = new Map();
    try {
      await this.telemetry.add([...measured].flatMap(([tenantId, interval]) => this.rows(tenantId, interval)));
    } catch (error) {
      this.logger.warn({ err: error }, 'telemetry of an interval was lost');
    }
  }

  private rows(tenantId: string, interval: Interval): Measurement[] {
    const shared = {
      tenant_id: tenantId,
      agent_name: this.profile.name,
      metadata: { interval_s: this.env.TELEMETRY_INTERVAL_S },
    };
    return readings(interval).map((reading) => ({ ...shared, ...reading }));
  }
}

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
