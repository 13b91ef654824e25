// Approvals that nobody decides in time, and those whose task has ended: they come out too, and their tasks go on.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ApprovalSweep } from '@pulser/context-bus';
import { StreamedTenants } from '@pulser/messaging';
import { Metrics, Rounds } from '@pulser/service-kit';

import { Dispatcher } from '../dispatch/dispatcher.js';
import { RouterEnv } from '../router.env.js';

const batch = 200;
const leftEveryMs = 5_000;

@Injectable()
export class ApprovalRounds implements OnApplicationBootstrap {
  private readonly decided;
  private readonly waiting;
  private readonly late;
  private readonly oldest;

  constructor(
    private readonly approvals: ApprovalSweep,
    private readonly dispatcher: Dispatcher,
    private readonly streamed: StreamedTenants,
    private readonly env: RouterEnv,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.decided = metrics.counter({
      name: 'pulser_approvals_decided_total',
      help: 'Approvals by how they came out: approved or denied (counted by gateways), expired or withdrawn',
      labelNames: ['outcome'],
    });
    for (const outcome of ['expired', 'withdrawn']) this.decided.labels(outcome).inc(0);
    this.waiting = metrics.gauge({
      name: 'pulser_approvals_waiting',
      help: 'Approvals that wait for a decision; every router reports the same',
    });
    this.late = metrics.gauge({
      name: 'pulser_approvals_late',
      help: 'Approvals that have waited for longer than APPROVAL_LATE_S; every router reports the same',
    });
    this.oldest = metrics.gauge({
      name: 'pulser_approval_oldest_seconds',
      help: 'For how long the approval waits that waits longest; every router reports the same',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(this.env.SWEEP_MS, () => this.expire());
    this.rounds.every(leftEveryMs, async () => {
      await this.withdraw();
      await this.measure();
    });
  }

  /** @throws DatabaseUnavailable */
  private async expire(): Promise<void> {
    for (;;) {
      const expired = await this.approvals.expire(batch);
      this.ended(
        'expired',
        expired.map(({ tenantId }) => tenantId),
      );
      const woken = expired.flatMap(({ woken: task }) => (task === undefined ? [] : [task]));
      if (woken.length > 0) await this.dispatcher.offer(woken);
      if (expired.length < batch) return;
    }
  }

  private async withdraw(): Promise<void> {
    this.ended('withdrawn', await this.approvals.withdrawLeft(batch));
  }

  private ended(outcome: 'expired' | 'withdrawn', tenants: readonly string[]): void {
    this.decided.labels(outcome).inc(tenants.length);
    for (const tenantId of new Set(tenants)) this.streamed.publishChanged(tenantId, 'approvals', 'tasks');
  }

  private async measure(): Promise<void> {
    const { waiting, late, oldestS } = await this.approvals.standing(this.env.APPROVAL_LATE_S);
    this.waiting.set(waiting);
    this.late.set(late);
    this.oldest.set(oldestS);
  }
}
