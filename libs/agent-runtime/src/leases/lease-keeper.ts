import { type BeforeApplicationShutdown, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { TaskClaims } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { type Attempt, LeaseLost, WorkerStopping } from '../execution/attempt.js';

/** Leases are renewed this many times before they would run out. */
const renewalsPerLease = 3;

/** Of the time for a shutdown: what has not ended then is given back. */
const patience = 0.6;

/** Holds the leases of what runs here, all renewed by one statement, and aborts attempts that lost theirs. */
@Injectable()
export class LeaseKeeper implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly held = new Map<string, Attempt>();
  private timer: NodeJS.Timeout | undefined;
  private lastCall: NodeJS.Timeout | undefined;

  constructor(
    private readonly claims: TaskClaims,
    private readonly env: AgentEnv,
    private readonly logger: Logger,
  ) {}

  get running(): number {
    return this.held.size;
  }

  hold(attempt: Attempt): void {
    this.held.set(attempt.claim.taskId, attempt);
    this.timer ??= setTimeout(() => void this.renew(), (this.env.LEASE_S * 1_000) / renewalsPerLease);
  }

  drop(attempt: Attempt): void {
    if (this.held.get(attempt.claim.taskId) === attempt) this.held.delete(attempt.claim.taskId);
    if (this.held.size > 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** The task was cancelled or given to another worker. */
  lose(taskId: string): void {
    this.held.get(taskId)?.abort(new LeaseLost());
  }

  /** What runs may end while the transport takes nothing new; then it is stopped and its tasks are given back. */
  beforeApplicationShutdown(): void {
    this.lastCall = setTimeout(
      () => {
        for (const attempt of this.held.values()) attempt.abort(new WorkerStopping());
      },
      this.env.SHUTDOWN_TIMEOUT_S * 1_000 * patience,
    );
  }

  onApplicationShutdown(): void {
    clearTimeout(this.lastCall);
    clearTimeout(this.timer);
  }

  private async renew(): Promise<void> {
    const attempts = [...this.held.values()];
    try {
      const kept = await this.claims.renew(attempts.map(({ claim }) => claim));
      for (const attempt of attempts) if (!kept.has(attempt.claim.taskId)) attempt.abort(new LeaseLost());
    } catch (error) {
      // The leases may outlive the outage; whoever takes one over shuts this worker out by its epoch.
      this.logger.warn({ err: error }, 'leases could not be renewed');
    }
    this.timer =
      this.held.size === 0
        ? undefined
        : setTimeout(() => void this.renew(), (this.env.LEASE_S * 1_000) / renewalsPerLease);
  }
}
