// Embeds the definitions of tools in the background, so that not even the first question has to wait for that.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { EmbeddingUnavailable } from '@pulser/embedding';
import { Rounds } from '@pulser/service-kit';

import { ToolRegistry } from '../registry/tool-registry.js';
import { ToolSearch } from './tool-search.js';

/** Until the servers have started, which takes the processors. Definitions that are embedded already cost nothing. */
const everyMs = 10_000;

@Injectable()
export class SearchPreparation implements OnApplicationBootstrap {
  constructor(
    private readonly search: ToolSearch,
    private readonly registry: ToolRegistry,
    private readonly rounds: Rounds,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, () => this.prepare());
  }

  private async prepare(): Promise<void> {
    try {
      await this.search.prepare(this.registry.list().filter(({ isQuarantined }) => !isQuarantined));
    } catch (error) {
      // Whoever asks is told so.
      if (!(error instanceof EmbeddingUnavailable)) throw error;
    }
  }
}
