import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '@pulser/concurrency';
import { DeadLetterCounts } from '@pulser/context-bus';
import { Logger, Metrics } from '@pulser/service-kit';

const everyMs = 5_000;
const labelNames = ['agent', 'reason'] as const;

/** Label of a message that never reached an agent. */
const noAgent = 'none';

/** Publishes how many dead letters are open, and how many were added. Every router says the same: take the maximum. */
@Injectable()
export class DeadLettersGauge implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;
  private readonly open;
  private readonly added;
  private counted: string | undefined;

  constructor(
    private readonly counts: DeadLetterCounts,
    metrics: Metrics,
    logger: Logger,
  ) {
    this.open = metrics.gauge({
      name: 'pulser_dead_letters',
      help: 'Dead letters that are neither replayed nor discarded',
      labelNames,
    });
    this.added = metrics.counter({
      name: 'pulser_dead_letters_added_total',
      help: 'Dead letters added since this router started, by whomever; every router counts all of them',
      labelNames,
    });
    this.loop = new Loop(
      everyMs,
      () => this.read(),
      (err) => {
        logger.warn({ err }, 'a round failed; the next one tries again');
      },
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    this.counted = await this.counts.mark();
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async read(): Promise<void> {
    const open = await this.counts.open();
    this.open.reset();
    for (const { agent, reason, letters } of open) this.open.labels(agent ?? noAgent, reason).set(letters);
    await this.count();
  }

  private async count(): Promise<void> {
    const mark = await this.counts.mark();
    const added = await this.counts.between(this.counted ?? mark, mark);
    this.counted = mark;
    for (const { agent, reason, letters } of added) this.added.labels(agent ?? noAgent, reason).inc(letters);
  }
}
