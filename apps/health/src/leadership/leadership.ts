// Whether this process leads the health services.
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HealthLease } from '@pulser/context-bus';
import { Logger, Metrics, Rounds, ServiceInfo } from '@pulser/service-kit';

import { HealthEnv } from '../health.env.js';

const renewEveryMs = 1_000;

/** The part of this process in the lease of the health services. */
@Injectable()
export class Leadership implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly gauge;
  private term: number | undefined;
  /** By this process's clock, which goes on while it is frozen. */
  private sureUntil = -Infinity;
  private isOver = false;

  constructor(
    private readonly lease: HealthLease,
    private readonly env: HealthEnv,
    private readonly info: ServiceInfo,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.gauge = metrics.gauge({
      name: 'pulser_health_leader',
      help: 'Whether this process leads the health services: 0 or 1',
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    // The first round may fail without a database: the next one tries again.
    await this.renew().catch(() => undefined);
    this.rounds.every(renewEveryMs, () => this.renew());
  }

  /** Of the term in which this process leads; undefined: it does not lead. Every statement that acts takes it. */
  get epoch(): number | undefined {
    return performance.now() < this.sureUntil ? this.term : undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    this.isOver = true;
    const { epoch } = this;
    this.sureUntil = -Infinity;
    if (epoch !== undefined) await this.lease.release(epoch).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    if (this.isOver) return;
    const asked = performance.now();
    const before = this.epoch;
    const epoch = await this.lease.take(this.info.instance, this.env.HEALTH_LEASE_S);
    this.term = epoch;
    // From when it was asked: the lease of the database began later.
    this.sureUntil = epoch === undefined ? -Infinity : asked + this.env.HEALTH_LEASE_S * 1_000;
    this.gauge.set(epoch === undefined ? 0 : 1);
    if (epoch !== before) this.logger.info({ epoch }, epoch === undefined ? 'another one leads' : 'leads from now on');
  }
}
