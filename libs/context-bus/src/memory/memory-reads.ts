// Memories found by meaning or listed. A search touches the chunks of one model: vectors of two cannot be compared.
import { Injectable } from '@nestjs/common';
import type { MemoryTrust } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import type { KnownModel } from './embedding-models.js';
import { candidatesFor, type HitOrder, orderedHits, vectorText } from './memory.policy.js';
import { type MemoryRow, memoryColumns } from './memory-row.js';

export interface MemoryFilter {
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  /** Its own ones, without shared ones. */
  readonly agent?: string | undefined;
  /** What this agent finds: its own and shared ones. */
  readonly seenBy?: string | undefined;
  readonly trust?: MemoryTrust | undefined;
  /** RFC 3339. */
  readonly createdAfter?: string | undefined;
  readonly createdBefore?: string | undefined;
}

/** How the nearest chunks are found: all compared, or through an HNSW index. */
export type SearchKind = 'exact' | 'index';

export interface FoundMemory extends MemoryRow {
  readonly score: number;
  /** Cosine, not below 0. */
  readonly similarity: number;
  /** The part of the content that is nearest. */
  readonly passage: string;
  /** Milliseconds since it was made. */
  readonly ageMs: number;
}

const own = 'tenant_id = (select pulser.tenant_id())';

/** Up to here comparing all costs a few milliseconds and finds all; above, an index is asked. */
export const maxExactChunks = 10_000;

const filters = (first: number): string => {
  const at = (n: number): string => `$${first + n}`;
  return `(m.expires_at is null or m.expires_at > now())
     and (${at(0)}::text is null or m.memory_type = ${at(0)}) and (${at(1)}::text is null or m.subject = ${at(1)})
     and (${at(2)}::text is null or m.agent_name = ${at(2)})
     and (${at(3)}::text is null or m.agent_name is null or m.agent_name = ${at(3)})
     and (${at(4)}::text is null or m.trust = ${at(4)})
     and (${at(5)}::timestamptz is null or m.created_at >= ${at(5)})
     and (${at(6)}::timestamptz is null or m.created_at < ${at(6)})`;
};

const filterValues = (filter: MemoryFilter): unknown[] =>
  [
    filter.type,
    filter.subject,
    filter.agent,
    filter.seenBy,
    filter.trust,
    filter.createdAfter,
    filter.createdBefore,
  ].map((value) => value ?? null);

// Row by row, by the key: the planner would read all memories of the tenant.
const found = `${memoryColumns('m')}, n.from_unit as "from", n.to_unit as "to",
  greatest(0, least(1, 1 - n.distance)) as similarity, extract(epoch from now() - m.created_at)::float8 * 1000 as "ageMs"
  from nearest n
  cross join lateral (select * from agent_memory m where m.${own} and m.memory_id = n.memory_id offset 0) m`;

/**
 * The nearest chunks of one model among memories that pass the filters. The model and its dimensions stand in the text,
 * because the index is partial by the one and made of vectors with the other. Without the type an exact search does not
 * match the index.
 */
export const nearestChunks = ({ modelId, dimensions }: KnownModel, kind: SearchKind): Statement => {
  const type = kind === 'index' ? `vector(${dimensions})` : 'vector';
  return statement(
    `memory.nearest.${kind}.${modelId}`,
    `with nearest as materialized (
       select c.memory_id, c.from_unit, c.to_unit, c.embedding::${type} <=> $1::${type} as distance
       from memory_chunk c join agent_memory m on m.tenant_id = c.tenant_id and m.memory_id = c.memory_id
       where c.${own} and m.${own} and c.model_id = ${modelId} and ${filters(3)}
       order by distance limit $2
     )
     select ${found}`,
  );
};

// Half the time of a join of all: of use when few of the nearest are filtered out.
const nearestOfAll = ({ modelId }: KnownModel): Statement =>
  statement(
    `memory.nearest-of-all.${modelId}`,
    `with nearest as materialized (
       select memory_id, from_unit, to_unit, embedding <=> $1::vector as distance
       from memory_chunk where ${own} and model_id = ${modelId} order by distance limit $2
     )
     select ${found} where ${filters(3)}`,
  );

interface ChunkRow extends MemoryRow {
  readonly from: number;
  readonly to: number;
  readonly similarity: number;
  readonly ageMs: number;
}

// An index is asked for more until enough chunks pass the filters, in nearly the right order: they are ordered again here.
// Without sorting it is the one way to get them in order; the planner knows too little of the tenant's share to choose it.
export const scanSettings = statement(
  'memory.scan-on',
  `select set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', $1, true),
     set_config('hnsw.max_scan_tuples', '200000', true), set_config('hnsw.scan_mem_multiplier', '4', true),
     set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_sort', 'off', true)`,
);

const page = statement(
  'memory.page',
  `select ${memoryColumns('m')} from agent_memory m
   where m.${own} and ($1::uuid is null or m.memory_id < $1) and ${filters(3)}
   order by m.memory_id desc limit $2`,
);

const find = statement(
  'memory.find',
  `select ${memoryColumns('m')} from agent_memory m where m.${own} and m.memory_id = $1
     and (m.expires_at is null or m.expires_at > now())`,
);

const count = (modelId: number): Statement =>
  statement(
    `memory.count.${modelId}`,
    `select count(*)::int as chunks from (select from memory_chunk where ${own} and model_id = ${modelId} limit $1) c`,
  );

const coverage = statement(
  'memory.coverage',
  `select (select count(*)::int from agent_memory where ${own}) as memories,
     coalesce((select json_agg(json_build_object('modelId', model_id, 'embedded', embedded)) from (
       select model_id, count(distinct memory_id)::int as embedded from memory_chunk where ${own} group by model_id) c), '[]')
     as models`,
);

export interface Coverage {
  readonly memories: number;
  readonly models: readonly { readonly modelId: number; readonly embedded: number }[];
}

/** How long it is believed that a tenant has many chunks, or few. */
const countedMs = 30_000;
const maxCounts = 10_000;

/** Reads memories of one tenant. */
@Injectable()
export class MemoryReads {
  private readonly counts = new Map<string, { readonly at: number; readonly many: boolean }>();

  constructor(private readonly database: Database) {}

  /** The memories whose best chunk is nearest to a vector. @throws DatabaseUnavailable */
  async search(
    tenantId: string,
    model: KnownModel,
    vector: readonly number[],
    { filter, order, kind }: { readonly filter: MemoryFilter; readonly order: HitOrder; readonly kind: SearchKind },
  ): Promise<FoundMemory[]> {
    const candidates = candidatesFor(order.limit);
    const values = [vectorText(vector), candidates, ...filterValues(filter)];
    const rows = await (kind === 'exact' ? this.exact(tenantId, model, values) : this.byIndex(tenantId, model, values));
    return orderedHits(rows, order).map(({ from, to, ...row }) => ({
      ...row,
      passage: row.content.slice(from, to),
    }));
  }

  private async exact(tenantId: string, model: KnownModel, values: readonly unknown[]): Promise<ChunkRow[]> {
    const [, candidates] = values;
    const rows = await this.database.queryAs<ChunkRow>(tenantId, nearestOfAll(model), values);
    // Others may pass the filters.
    if (rows.length === candidates) return rows;
    return this.database.queryAs<ChunkRow>(tenantId, nearestChunks(model, 'exact'), values);
  }

  private byIndex(tenantId: string, model: KnownModel, values: readonly unknown[]): Promise<ChunkRow[]> {
    const [, candidates] = values;
    return this.database.withTenant(tenantId, async (transaction) => {
      await transaction.query(scanSettings, [String(candidates)]);
      return transaction.query<ChunkRow>(nearestChunks(model, 'index'), values);
    });
  }

  /** Exact while a tenant has few chunks of the model, or the model no index. */
  async kindFor(tenantId: string, { modelId, indexed }: KnownModel): Promise<SearchKind> {
    if (!indexed) return 'exact';
    const key = `${modelId} ${tenantId}`;
    const known = this.counts.get(key);
    if (known !== undefined && performance.now() - known.at < countedMs) return known.many ? 'index' : 'exact';
    const [row] = await this.database.queryAs<{ chunks: number }>(tenantId, count(modelId), [maxExactChunks + 1]);
    const many = (row?.chunks ?? 0) > maxExactChunks;
    if (this.counts.size >= maxCounts) this.counts.clear();
    this.counts.set(key, { at: performance.now(), many });
    return many ? 'index' : 'exact';
  }

  /** Newest first. @param after id of the last one of the page before */
  page(tenantId: string, filter: MemoryFilter, limit: number, after?: string): Promise<MemoryRow[]> {
    return this.database.queryAs(tenantId, page, [after ?? null, limit, ...filterValues(filter)]);
  }

  async find(tenantId: string, memoryId: string): Promise<MemoryRow | undefined> {
    const [row] = await this.database.queryAs<MemoryRow>(tenantId, find, [memoryId]);
    return row;
  }

  async coverage(tenantId: string): Promise<Coverage> {
    const [row] = await this.database.queryAs<Coverage>(tenantId, coverage);
    return row ?? { memories: 0, models: [] };
  }
}
