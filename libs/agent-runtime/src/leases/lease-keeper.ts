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
import { type Attempt, LeaseLost, WorkerStopping } from '../execution/attempt.js';
import { renewalPauseMs } from './renewal-pause.policy.js';

/** Of the time for a shutdown: what has not ended then is given back. */
const patience = 0.6;

/** Holds the leases of what runs here, all renewed by one statement, and aborts attempts that lost theirs. */
@Injectable()
export class LeaseKeeper implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly held = new Map<string, Attempt>();
  private timer: NodeJS.Timeout | undefined;
  private lastCall: NodeJS.Timeout | undefined;
  private stopping = false;
  private forgetBroker = (): void => undefined;

  constructor(
    private readonly claims: TaskClaims,
    private readonly env: AgentEnv,
    private readonly broker: Broker,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    // Cancellations are missed from the moment it goes until it is back: both are times to look.
    this.forgetBroker = this.broker.onStateChange(() => {
      if (this.held.size > 0) this.renewIn(this.pauseMs(true));
    });
  }

  hold(attempt: Attempt): void {
    this.held.set(attempt.claim.taskId, attempt);
    if (this.stopping) attempt.abort(new WorkerStopping());
    if (this.timer === undefined) this.renewIn(this.pauseMs());
  }

  drop(attempt: Attempt): void {
    if (this.held.get(attempt.claim.taskId) === attempt) this.held.delete(attempt.claim.taskId);
    if (this.held.size === 0) this.rest();
  }

  /** The task was cancelled or given to another worker. */
  lose(taskId: string): void {
    this.held.get(taskId)?.abort(new LeaseLost());
  }

  /** What runs may end while the transport takes nothing new; then it is stopped and its tasks are given back. */
  beforeApplicationShutdown(): void {
    this.lastCall = setTimeout(
      () => {
        this.stopping = true;
        for (const attempt of this.held.values()) attempt.abort(new WorkerStopping());
      },
      this.env.SHUTDOWN_TIMEOUT_S * 1_000 * patience,
    );
  }

  onApplicationShutdown(): void {
    this.forgetBroker();
    clearTimeout(this.lastCall);
    this.rest();
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
    if (this.held.size > 0) this.renewIn(this.pauseMs());
    else this.rest();
  }

  private rest(): void {
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
