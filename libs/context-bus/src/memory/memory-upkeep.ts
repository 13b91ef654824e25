// What the router does for memories on a clock: expiry, embedding what is not embedded by the current model, indexes.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';
import { passagesOf, ProcessEmbedder } from '@pulser/embedding';

import { EmbeddingModels, type KnownModel } from './embedding-models.js';
import { chunkRecords, MemoryWrites } from './memory-writes.js';

// Tenant by tenant, by an index: those of another model, and those of none.
const missing = statement(
  'memory.missing',
  `select m.tenant_id as "tenantId", m.memory_id as "memoryId", m.content from tenant t cross join lateral (
     (select * from agent_memory where tenant_id = t.tenant_id and model_id is null limit $2)
     union all (select * from agent_memory where tenant_id = t.tenant_id and model_id < $1 limit $2)
     union all (select * from agent_memory where tenant_id = t.tenant_id and model_id > $1 limit $2)
   ) m where m.expires_at is null or m.expires_at > now() limit $2`,
);

// One that was forgotten meanwhile gets no chunks.
const keepChunks = statement(
  'memory.keep-chunks',
  `with done as (
     update agent_memory set model_id = $3 where tenant_id = $1 and memory_id = $2 returning tenant_id, memory_id
   )
   insert into memory_chunk (tenant_id, memory_id, model_id, chunk, from_unit, to_unit, embedding)
   select d.tenant_id, d.memory_id, $3, c.chunk, c."from", c."to", c.vector::vector
   from done d cross join json_to_recordset($4::json) as c(chunk int, "from" int, "to" int, vector text)
   on conflict do nothing`,
);

const dropChunks = statement(
  'memory.drop-chunks',
  `with gone as (
     delete from memory_chunk where (tenant_id, memory_id, model_id, chunk) in (
       select c.tenant_id, c.memory_id, c.model_id, c.chunk from tenant t cross join lateral (
         select * from memory_chunk where tenant_id = t.tenant_id and model_id = $1 limit $2) c limit $2)
     returning 1)
   select count(*)::int as gone from gone`,
);

const countChunks = statement(
  'memory.count-chunks',
  `select count(*)::int as chunks from tenant t cross join lateral (
     select from memory_chunk where tenant_id = t.tenant_id and model_id = $1 limit $2) c`,
);

interface MissingRow {
  readonly tenantId: string;
  readonly memoryId: string;
  readonly content: string;
}

/** A model that no process has used for so long is not wanted any more. */
const idleMinutes = 10;

/** An index over more is made by an administrator: writers would wait for longer than a few seconds. */
export const maxIndexedAtOnce = 20_000;

/** How an index was made, or why not. */
export type IndexOutcome = 'there' | 'made' | 'too many';

/** Periodic maintenance of memories. Several services may run it at once. Needs the service role. */
@Injectable()
export class MemoryUpkeep {
  constructor(
    private readonly database: Database,
    private readonly models: EmbeddingModels,
    private readonly writes: MemoryWrites,
    private readonly embedder: ProcessEmbedder,
  ) {}

  /** Removes up to `limit` expired memories. @returns how many */
  dropExpired(limit: number): Promise<number> {
    return this.writes.dropExpired(limit);
  }

  /**
   * Embeds up to `limit` memories that the current model has not embedded. What is done is kept memory by memory, so that
   * it goes on after a crash; two routers at once only do some of it twice.
   * @returns how many @throws EmbeddingMismatch, EmbeddingUnavailable, DatabaseUnavailable
   */
  async embedMissing(limit: number): Promise<number> {
    if (!(await this.anyMissing())) return 0;
    const { modelId } = await this.models.current();
    const rows = await this.database.query<MissingRow>(missing, [modelId, limit]);
    for (const row of rows) await this.embedOne(row, modelId);
    return rows.length;
  }

  /** Removes up to `limit` vectors of models that no process uses any more, once all memories have others. @returns how many */
  async dropUnused(limit: number): Promise<number> {
    const known = await this.models.list(idleMinutes);
    const unused = known.filter(({ name, idle }) => idle && name !== this.models.name);
    if (unused.length === 0) return 0;
    let gone = 0;
    for (const { modelId } of unused) gone += await this.drop(modelId, limit);
    return gone;
  }

  /** Makes the HNSW index of the models in use that have none. */
  async indexModels(): Promise<ReadonlyMap<string, IndexOutcome>> {
    const known = await this.models.list(idleMinutes);
    const outcomes = new Map<string, IndexOutcome>();
    for (const model of known) if (!model.idle) outcomes.set(model.name, await this.indexModel(model));
    return outcomes;
  }

  private async indexModel({ modelId, indexed }: KnownModel): Promise<IndexOutcome> {
    if (indexed) return 'there';
    const [row] = await this.database.query<{ chunks: number }>(countChunks, [modelId, maxIndexedAtOnce + 1]);
    if ((row?.chunks ?? 0) > maxIndexedAtOnce) return 'too many';
    await this.models.index(modelId);
    return 'made';
  }

  // A model is not loaded for nothing: an installation without memories never loads it.
  private async anyMissing(): Promise<boolean> {
    const current = (await this.models.list(idleMinutes)).find(({ name }) => name === this.models.name);
    const rows = await this.database.query<MissingRow>(missing, [current?.modelId ?? 0, 1]);
    return rows.length > 0;
  }

  private async embedOne({ tenantId, memoryId, content }: MissingRow, modelId: number): Promise<void> {
    const passages = passagesOf(content);
    const vectors = await this.embedder.embed(
      passages.map(({ from, to }) => content.slice(from, to)),
      'later',
    );
    const chunks = passages.map((passage, at) => ({ ...passage, vector: vectors[at] ?? [] }));
    await this.database.queryAs(tenantId, keepChunks, [
      tenantId,
      memoryId,
      modelId,
      JSON.stringify(chunkRecords(chunks, 0)),
    ]);
  }

  private async drop(modelId: number, limit: number): Promise<number> {
    const current = (await this.models.list(idleMinutes)).find(({ name }) => name === this.models.name);
    // While some memories have vectors of the old model only, it can be switched back to.
    if (current === undefined || (await this.database.query(missing, [current.modelId, 1])).length > 0) return 0;
    const [row] = await this.database.query<{ gone: number }>(dropChunks, [modelId, limit]);
    return row?.gone ?? 0;
  }
}
