// How many tenants have nearly used, or used up, what they may spend on models today.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SpendReads } from '@pulser/context-bus';
import { Metrics, Rounds } from '@pulser/service-kit';

const readEveryMs = 10_000;

@Injectable()
export class BudgetMeter implements OnApplicationBootstrap {
  private readonly budgets;

  constructor(
    private readonly spend: SpendReads,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.budgets = metrics.gauge({
      name: 'pulser_model_budgets',
      help: 'Tenants that have used 80 % of what they may spend on models today (nearly_used), or all of it (used_up); every router reports the same',
      labelNames: ['state'],
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(readEveryMs, () => this.read());
  }

  private async read(): Promise<void> {
    const { nearlyUsed, usedUp } = await this.spend.spentDays();
    this.budgets.labels('nearly_used').set(nearlyUsed);
    this.budgets.labels('used_up').set(usedUp);
  }
}
