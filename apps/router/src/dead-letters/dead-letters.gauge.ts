import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DeadLetterCounts } from '@pulser/context-bus';
import { Metrics, Rounds } from '@pulser/service-kit';

const everyMs = 5_000;
const labelNames = ['agent', 'reason'] as const;

/** Label of a message that never reached an agent. */
const noAgent = 'none';

/**
 * Publishes how many dead letters are open, and how many were added. Every router reports the same figures: take the
 * maximum over the routers, not the sum.
 */
@Injectable()
export class DeadLettersGauge implements OnApplicationBootstrap {
  private readonly open;
  private readonly added;
  private countedUntil: string | undefined;

  constructor(
    private readonly counts: DeadLetterCounts,
    private readonly rounds: Rounds,
    metrics: Metrics,
  ) {
    this.open = metrics.gauge({
      name: 'pulser_dead_letters',
      help: 'Dead letters that are neither replayed nor discarded',
      labelNames,
    });
    this.added = metrics.counter({
      name: 'pulser_dead_letters_added_total',
      help: 'Dead letters added since this router started, by any service; every router counts all of them',
      labelNames,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.countedUntil = await this.counts.mark();
    this.rounds.every(everyMs, () => this.read());
  }

  private async read(): Promise<void> {
    const open = await this.counts.open();
    this.open.reset();
    for (const { agent, reason, count } of open) this.open.labels(agent ?? noAgent, reason).set(count);
    await this.countAdded();
  }

  private async countAdded(): Promise<void> {
    const mark = await this.counts.mark();
    const added = await this.counts.between(this.countedUntil ?? mark, mark);
    this.countedUntil = mark;
    for (const { agent, reason, count } of added) this.added.labels(agent ?? noAgent, reason).inc(count);
  }
}
