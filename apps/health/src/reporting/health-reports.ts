import { Injectable } from '@nestjs/common';

import { AgentIncidents } from '../incidents/agent-incidents.js';
import type { Observed } from '../status/agent-state.js';
import { HealthHistory } from './health-history.js';
import { HealthMetrics } from './health-metrics.js';

/** Metrics, history and incidents of what a round of the leader found. */
@Injectable()
export class HealthReports {
  constructor(
    private readonly metrics: HealthMetrics,
    private readonly history: HealthHistory,
    private readonly incidents: AgentIncidents,
  ) {}

  async report(all: readonly Observed[], epoch: number): Promise<void> {
    this.metrics.show(all);
    await this.incidents.report(all, performance.now(), epoch);
    await this.history.note(all, performance.now(), epoch);
  }

  /** This process leads no longer. */
  clear(): void {
    this.metrics.clear();
    this.history.clear();
    this.incidents.clear();
  }
}
