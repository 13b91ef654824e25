// Memories of a tenant with their meaning: what REST and agents ask for.
import { Injectable } from '@nestjs/common';
import { meanVector, passagesOf, ProcessEmbedder } from '@pulser/embedding';
import { inGenAiSpan, Metrics, Tracer } from '@pulser/service-kit';

import type { ClaimRef } from '../tasks/claims.js';
import { EmbeddingModels, type KnownModel } from './embedding-models.js';
import { type HitOrder, identityOf, type NewMemory, passagesAtOnce } from './memory.policy.js';
import { type FoundMemory, type MemoryFilter, MemoryReads, type SearchKind } from './memory-reads.js';
import type { MemoryRow } from './memory-row.js';
import { type EmbeddedMemory, type ForgetCriteria, MemoryWrites } from './memory-writes.js';

export interface MemorySearch {
  readonly text: string;
  readonly filter: MemoryFilter;
  readonly order: HitOrder;
}

export interface SearchAnswer {
  readonly model: KnownModel;
  readonly kind: SearchKind;
  readonly hits: readonly FoundMemory[];
}

@Injectable()
export class Memories {
  private readonly searches;
  private readonly written;

  constructor(
    private readonly models: EmbeddingModels,
    private readonly writes: MemoryWrites,
    private readonly reads: MemoryReads,
    private readonly embedder: ProcessEmbedder,
    private readonly tracer: Tracer,
    metrics: Metrics,
  ) {
    this.searches = metrics.histogram({
      name: 'pulser_memory_search_seconds',
      help: 'Searches of memories, without embedding what is looked for',
      labelNames: ['kind'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
    });
    this.written = metrics.counter({
      name: 'pulser_memories_total',
      help: 'Memories that were kept or forgotten',
      labelNames: ['change'],
    });
  }

  /**
   * Keeps memories; what is said again about the same is the same memory. Very long ones are found by meaning some seconds
   * later.
   * @param attempt that writes; nothing is written once it has lost its task
   * @returns them in their order; none when the attempt has lost its task
   * @throws EmbeddingMismatch, EmbeddingUnavailable, DatabaseUnavailable
   */
  async remember(tenantId: string, memories: readonly NewMemory[], attempt?: ClaimRef): Promise<MemoryRow[]> {
    const different = new Map(memories.map((memory) => [identityOf(memory), memory]));
    return inGenAiSpan(this.tracer, 'create_memory', this.models.name, async () => {
      const embedded = await this.embedded([...different.values()]);
      const rows = await this.writes.keep(tenantId, embedded, attempt);
      if (rows.length < different.size) return [];
      this.written.labels('kept').inc(rows.length);
      const byIdentity = new Map([...different.keys()].map((identity, place) => [identity, rows[place]]));
      return memories.flatMap((memory) => byIdentity.get(identityOf(memory)) ?? []);
    });
  }

  /** @throws EmbeddingMismatch, EmbeddingUnavailable, DatabaseUnavailable */
  async search(tenantId: string, { text, filter, order }: MemorySearch): Promise<SearchAnswer> {
    return inGenAiSpan(this.tracer, 'search_memory', this.models.name, async () => {
      const model = await this.models.current();
      const [vector = []] = await this.embed([text]);
      const kind = await this.reads.kindFor(tenantId, model);
      const ended = this.searches.labels(kind).startTimer();
      const hits = await this.reads.search(tenantId, model, vector, { filter, order, kind });
      ended();
      return { model, kind, hits };
    });
  }

  /** @returns how many are gone @throws DatabaseUnavailable */
  async forget(tenantId: string, criteria: ForgetCriteria, attempt?: ClaimRef): Promise<number> {
    return inGenAiSpan(this.tracer, 'delete_memory', this.models.name, async () => {
      const gone = await this.writes.forget(tenantId, criteria, attempt);
      this.written.labels('forgotten').inc(gone);
      return gone;
    });
  }

  /** One unit vector for each text; of a long one the direction of all its passages. @throws EmbeddingUnavailable */
  async embed(texts: readonly string[]): Promise<number[][]> {
    const passages = texts.map((text) => passagesOf(text).map(({ from, to }) => text.slice(from, to)));
    const vectors = await inGenAiSpan(this.tracer, 'embeddings', this.models.name, () =>
      this.embedder.embed(passages.flat()),
    );
    return passages.map(({ length }) => {
      const own = vectors.splice(0, length);
      return meanVector(own) ?? own[0] ?? [];
    });
  }

  private async embedded(memories: readonly NewMemory[]): Promise<EmbeddedMemory[]> {
    const { modelId } = await this.models.current();
    const atOnce = passagesAtOnce(memories.map(({ content }) => content));
    const texts = [...atOnce].flatMap(([place, passages]) =>
      passages.map(({ from, to }) => memories[place]?.content.slice(from, to) ?? ''),
    );
    const vectors = await inGenAiSpan(this.tracer, 'embeddings', this.models.name, () => this.embedder.embed(texts));
    const chunks = new Map(
      [...atOnce].map(([place, passages]) => [
        place,
        passages.map((passage) => ({ ...passage, vector: vectors.shift() ?? [] })),
      ]),
    );
    return memories.map((memory, place) => {
      const own = chunks.get(place);
      return own === undefined ? { memory } : { memory, embedded: { modelId, chunks: own } };
    });
  }
}
