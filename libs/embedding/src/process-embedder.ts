// The embedder of a process: which one its settings name.
import { Breakers } from '@pulser/service-kit';

import type { EmbeddingEnv } from './embedding.env.js';
import { MiniLmEmbedder } from './local/minilm.embedder.js';
import type { Embedder, EmbeddingModel, Urgency } from './model/embedder.js';
import { EndpointEmbedder } from './remote/endpoint.embedder.js';

/** The embedder of this process by its class, so that services of one process can share it (`SharedResources`). */
export class ProcessEmbedder implements Embedder {
  private readonly embedder: Embedder;

  constructor(env: EmbeddingEnv, breakers = new Breakers()) {
    this.embedder = embedderOf(env, breakers);
  }

  get model(): EmbeddingModel {
    return this.embedder.model;
  }

  embed(texts: readonly string[], urgency?: Urgency): Promise<number[][]> {
    return this.embedder.embed(texts, urgency);
  }

  /** After work in the background that is not repeated soon: gives the memory of a model in this process back. */
  async release(): Promise<void> {
    if (this.embedder instanceof MiniLmEmbedder) await this.embedder.release();
  }

  close(): Promise<void> {
    return this.embedder.close();
  }
}

const embedderOf = (env: EmbeddingEnv, breakers: Breakers): Embedder =>
  env.EMBEDDING_URL === undefined
    ? new MiniLmEmbedder(env.EMBEDDING_IDLE_S * 1_000)
    : new EndpointEmbedder(
        {
          baseUrl: env.EMBEDDING_URL,
          key: env.EMBEDDING_KEY,
          model: env.EMBEDDING_MODEL,
          dimensions: env.EMBEDDING_DIMENSIONS,
          shorten: env.EMBEDDING_SHORTEN,
        },
        breakers,
      );
