import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { TaskClaims } from '@pulser/context-bus';
import { Broker } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { type Attempt, LeaseLost, WorkerStopping } from '../context/attempt.js';

/** Leases are renewed this many times before they would run out. */
const renewalsPerLease = 3;

/** Milliseconds; while the broker is away only a renewal finds out that a task was cancelled. */
const withoutBrokerMs = 1_000;

/** Milliseconds between two renewals. */
export const renewalPauseMs = (leaseMs: number, brokerDown: boolean): number => {
  const usual = leaseMs / renewalsPerLease;
  return brokerDown ? Math.min(withoutBrokerMs, usual) : usual;
};

/** Share of SHUTDOWN_TIMEOUT_S that attempts get to end; then they are aborted and their tasks given back. */
const endingShare = 0.6;

/** Holds the leases of the attempts of this worker, all renewed by one statement, and aborts attempts that lost theirs. */
@Injectable()
export class LeaseKeeper implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  /** Two attempts of one task may run at a time, one of them without a claim, until that is refused. */
  private readonly held = new Set<Attempt>();
  private timer: NodeJS.Timeout | undefined;
  private abortTimer: NodeJS.Timeout | undefined;
  private stopping = false;
  private forgetBroker = (): void => undefined;

  constructor(
    private readonly claims: TaskClaims,
    private readonly env: AgentEnv,
    private readonly broker: Broker,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    // Cancellations are missed while the broker is away: renew when it goes and when it is back.
    this.forgetBroker = this.broker.onStateChange(() => {
      if (this.held.size > 0) this.renewIn(this.pauseMs(true));
    });
  }

  hold(attempt: Attempt): void {
    this.held.add(attempt);
    if (this.stopping) attempt.abort(new WorkerStopping());
    if (this.timer === undefined) this.renewIn(this.pauseMs());
  }

  drop(attempt: Attempt): void {
    this.held.delete(attempt);
  }

  /** The task was cancelled or given to another worker. */
  lose(taskId: string): void {
    for (const attempt of this.held) if (attempt.taskId === taskId) attempt.abort(new LeaseLost());
  }

  /** Attempts may end while the transport takes nothing new; then they are aborted and their tasks given back. */
  beforeApplicationShutdown(): void {
    this.abortTimer = setTimeout(
      () => {
        this.stopping = true;
        for (const attempt of this.held) attempt.abort(new WorkerStopping());
      },
      this.env.SHUTDOWN_TIMEOUT_S * 1_000 * endingShare,
    );
  }

  onApplicationShutdown(): void {
    this.forgetBroker();
    clearTimeout(this.abortTimer);
    this.pause();
  }

  // The timer is not stopped with the last attempt, for the next one comes in a moment: it stops itself.
  private async renew(): Promise<void> {
    // One that runs without a claim has no lease yet.
    const attempts = [...this.held].filter(({ claim }) => claim.epoch > 0);
    if (attempts.length > 0) await this.renewAll(attempts);
    if (this.held.size > 0) this.renewIn(this.pauseMs());
    else this.pause();
  }

  private async renewAll(attempts: readonly Attempt[]): Promise<void> {
    try {
      const kept = await this.claims.renew(attempts.map(({ claim }) => claim));
      for (const attempt of attempts) if (!kept.has(attempt.taskId)) attempt.abort(new LeaseLost());
    } catch (error) {
      // The leases may outlive the outage; a worker that takes one over shuts this one out by its epoch.
      this.logger.warn({ err: error }, 'leases could not be renewed');
    }
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private renewIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew(), ms);
  }

  private pauseMs(brokerDown = this.broker.state === 'down'): number {
    return renewalPauseMs(this.env.LEASE_S * 1_000, brokerDown);
  }
}
