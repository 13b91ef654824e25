// Why there is no vector. Both are outages to HTTP (503) and to consumers of messages, which try again.
import type { Outage } from '@pulser/contracts';

/** The embedder cannot answer now: its endpoint is away or refuses, its thread died, or too many texts wait. */
export class EmbeddingUnavailable extends Error implements Outage {
  override readonly name = 'EmbeddingUnavailable';
  readonly transient = true;
  readonly code = 'embedding_unavailable';

  constructor(reason: string, cause?: unknown) {
    super(`Texts cannot be turned into vectors: ${reason}`, { cause });
  }
}

/** The model under this name gives other vectors than those that are stored: mixing them would make every search wrong. */
export class EmbeddingMismatch extends Error implements Outage {
  override readonly name = 'EmbeddingMismatch';
  readonly transient = true;
  readonly code = 'embedding_mismatch';

  constructor(model: string, detail: string) {
    super(
      `The embedding model ${model} is not the one whose vectors are stored under this name (${detail}): ` +
        'set EMBEDDING_MODEL to another name, or configure the model that was there',
    );
  }
}
