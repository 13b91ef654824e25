import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { MemoryUpkeep } from '@pulser/context-bus';
import { Logger, messageOf, Metrics, Rounds } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';

const everyMs = 5_000;
/** Memories per round: at worst each has some 40 passages of 0.4 s, and a round is waited for when the router stops. */
const maxEmbedded = 20;
const maxExpired = 1_000;
const maxVectors = 5_000;
/** Old vectors are looked at once a minute. */
const roundsPerTidying = 12;

/** Embeds what is not embedded yet, and removes what has expired or is not wanted any more. */
@Injectable()
export class MemoryMaintenance implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly embedded;
  private readonly failed;
  private round = 0;
  private stopping = false;
  private complaint = '';
  /** Models that are known to have no index. */
  private readonly without = new Set<string>();

  constructor(
    private readonly upkeep: MemoryUpkeep,
    private readonly env: RouterEnv,
    private readonly rounds: Rounds,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.embedded = metrics.counter({
      name: 'pulser_memories_embedded_total',
      help: 'Memories that were embedded in the background',
    });
    this.failed = metrics.counter({
      name: 'pulser_memory_rounds_failed_total',
      help: 'Rounds in which memories could not be embedded',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, () => this.tidy());
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  private async tidy(): Promise<void> {
    await this.upkeep.dropExpired(maxExpired);
    await this.embedMissing();
    // Soon after a model is used first: it has few vectors then.
    if (this.env.MEMORY_INDEX) await this.indexModels();
    if (this.round++ % roundsPerTidying !== 0) return;
    const dropped = await this.upkeep.dropUnused(maxVectors);
    if (dropped > 0) this.logger.info({ dropped }, 'dropped vectors of embedding models that are not used any more');
  }

  private async embedMissing(): Promise<void> {
    try {
      for (let done = maxEmbedded; done === maxEmbedded && !this.stopping;) {
        done = await this.upkeep.embedMissing(maxEmbedded);
        this.embedded.inc(done);
      }
      this.complaint = '';
    } catch (err) {
      this.failed.inc();
      // Said once for each reason: it stays until an operator acts, and a round comes every few seconds.
      const complaint = messageOf(err);
      if (complaint !== this.complaint) this.logger.warn({ err }, 'memories cannot be embedded; it is tried again');
      this.complaint = complaint;
    }
  }

  private async indexModels(): Promise<void> {
    for (const [model, outcome] of await this.upkeep.indexModels()) {
      if (outcome === 'made') this.logger.info({ model }, 'made the index of an embedding model');
      if (outcome === 'too many' && !this.without.has(model))
        this.logger.warn(
          { model },
          'an embedding model has no index; see "A missing index" in libs/embedding/README.md',
        );
      if (outcome === 'too many') this.without.add(model);
    }
  }
}
