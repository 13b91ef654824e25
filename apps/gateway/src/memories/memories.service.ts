// Memories as the API shows them: their views, and what a caller may ask for.
import { Injectable } from '@nestjs/common';
import {
  EmbeddingModels,
  type FoundMemory,
  Memories,
  type MemoryFilter,
  MemoryReads,
  type MemoryRow,
} from '@pulser/context-bus';
import type {
  CreateMemory,
  Forgotten,
  ForgetMemories,
  MemoryCoverage,
  MemoryHits,
  MemoryHitView,
  MemoryPage,
  MemoryQuery,
  MemoryView,
  SearchMemories,
} from '@pulser/contracts';

import { nextCursor, notFound, startOfPage } from '../rest/parameters.js';

const memoryView = (memory: MemoryRow): MemoryView => ({
  memory_id: memory.memoryId,
  type: memory.type,
  content: memory.content,
  subject: memory.subject,
  agent: memory.agent,
  trust: memory.trust,
  metadata: { ...memory.metadata },
  source_task_id: memory.sourceTaskId,
  embedded: memory.modelId !== null,
  created_at: memory.createdAt.toISOString(),
  expires_at: memory.expiresAt?.toISOString() ?? null,
});

const hitView = ({ score, similarity, passage, ...memory }: FoundMemory): MemoryHitView => ({
  ...memoryView(memory),
  score,
  similarity,
  passage,
});

const filterOf = (query: Omit<MemoryQuery, 'limit' | 'cursor'>): MemoryFilter => ({
  type: query.type,
  subject: query.subject,
  agent: query.agent,
  trust: query.trust,
  createdAfter: query.created_after,
  createdBefore: query.created_before,
});

/** A model that no process has used for so long is an old one; here it only matters that all are listed. */
const idleMinutes = 10;

/** What people and programs of a tenant do with its memories: all of them, whichever agent noted them. */
@Injectable()
export class TenantMemories {
  constructor(
    private readonly memories: Memories,
    private readonly reads: MemoryReads,
    private readonly models: EmbeddingModels,
  ) {}

  async create(tenantId: string, { type, content, trust, ...order }: CreateMemory): Promise<MemoryView> {
    const { subject = null, agent = null, metadata = {}, expires_at: expiresAt = null } = order;
    const [kept] = await this.memories.remember(tenantId, [
      { type, content, trust, subject, agent, metadata, expiresAt },
    ]);
    if (kept === undefined) throw new Error('A memory was not kept');
    return memoryView(kept);
  }

  async search(tenantId: string, { text, ...query }: SearchMemories): Promise<MemoryHits> {
    const { limit, min_score: minScore, recency_weight: recencyWeight, half_life_days: halfLifeDays } = query;
    const order = { limit, minScore, recencyWeight, halfLifeDays };
    const { model, kind, hits } = await this.memories.search(tenantId, { text, filter: filterOf(query), order });
    return { model: model.name, search: kind, hits: hits.map(hitView) };
  }

  /** @throws HttpError `invalid_request` for a cursor that this API did not make */
  async page(tenantId: string, { limit, cursor, ...query }: MemoryQuery): Promise<MemoryPage> {
    const rows = await this.reads.page(tenantId, filterOf(query), limit, startOfPage(cursor));
    return { memories: rows.map(memoryView), next_cursor: nextCursor(rows, limit, ({ memoryId }) => memoryId) };
  }

  /** @throws HttpError `not_found` */
  async find(tenantId: string, memoryId: string): Promise<MemoryView> {
    const memory = await this.reads.find(tenantId, memoryId);
    if (memory === undefined) throw notFound('memory');
    return memoryView(memory);
  }

  /** @throws HttpError `not_found` */
  async forget(tenantId: string, memoryId: string): Promise<Forgotten> {
    const forgotten = await this.memories.forget(tenantId, { ids: [memoryId] });
    if (forgotten === 0) throw notFound('memory');
    return { forgotten };
  }

  async forgetAll(tenantId: string, { older_than: olderThan, ...criteria }: ForgetMemories): Promise<Forgotten> {
    return { forgotten: await this.memories.forget(tenantId, { ...criteria, olderThan }) };
  }

  async coverage(tenantId: string): Promise<MemoryCoverage> {
    const [{ memories, models: covered }, known] = await Promise.all([
      this.reads.coverage(tenantId),
      this.models.list(idleMinutes),
    ]);
    const current = { name: this.models.name, dimensions: this.models.dimensions, modelId: 0 };
    const all = known.some(({ name }) => name === current.name) ? known : [...known, current];
    const models = all
      .map(({ name, dimensions, modelId }) => {
        const embedded = covered.find((one) => one.modelId === modelId)?.embedded ?? 0;
        const coverage = memories === 0 ? 1 : embedded / memories;
        return { model: name, dimensions, current: name === current.name, embedded, coverage };
      })
      // What other tenants alone have vectors of is none of this one's business.
      .filter(({ current: isCurrent, embedded }) => isCurrent || embedded > 0);
    return { memories, models };
  }
}
