import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Measurement, Telemetry } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { AgentProfile } from '../agent/agent-profile.js';
import { addAttempt, type Interval, newInterval, readings } from './interval.policy.js';
import type { Outcome } from './outcome.js';

/** Writes `agent_telemetry`: a row a tenant, metric and interval, never a row a task. */
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
    addAttempt(interval, outcome, seconds, waitSeconds);
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
