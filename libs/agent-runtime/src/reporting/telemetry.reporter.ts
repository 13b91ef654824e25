import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Measurement, Telemetry } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { AgentProfile } from '../agent/agent-profile.js';

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
