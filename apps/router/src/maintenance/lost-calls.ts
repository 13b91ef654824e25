// Requests to models whose worker is gone: nobody settles them, so they are charged as they were reserved.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SpendLedger } from '@pulser/context-bus';
import { Logger, Metrics, Rounds } from '@pulser/service-kit';

const everyMs = 2_000;
/** Requests of one round. */
const maxCalls = 200;

@Injectable()
export class LostCalls implements OnApplicationBootstrap {
  private readonly counter;

  constructor(
    private readonly ledger: SpendLedger,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.counter = metrics.counter({
      name: 'pulser_model_calls_lost_total',
      help: 'Requests to models that were charged as reserved because their worker was gone',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, () => this.charge());
  }

  private async charge(): Promise<void> {
    const lost = await this.ledger.chargeLost(maxCalls);
    if (lost === 0) return;
    this.counter.inc(lost);
    this.logger.warn({ lost }, 'requests to models were charged as reserved: their workers are gone');
  }
}
