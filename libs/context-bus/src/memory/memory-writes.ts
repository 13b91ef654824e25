// Rows of memories and their chunks: kept once, forgotten whole.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';
import type { Passage } from '@pulser/embedding';

import type { ClaimRef } from '../tasks/claims.js';
import { hashOf, type NewMemory, vectorText } from './memory.policy.js';
import { type MemoryRow, memoryColumns } from './memory-row.js';

/** A passage of a memory and its vector. */
export interface Chunk extends Passage {
  readonly vector: readonly number[];
}

/** A memory with the chunks that one model made of it; none: it is embedded later. */
export interface EmbeddedMemory {
  readonly memory: NewMemory;
  readonly embedded?: { readonly modelId: number; readonly chunks: readonly Chunk[] };
}

// Without an attempt anything may be written; with one, only while it has its task.
const fence = (taskId: number, epoch: number): string =>
  `($${taskId}::uuid is null or exists (select from task_queue where tenant_id = (select pulser.tenant_id())
     and task_id = $${taskId} and epoch = $${epoch} and status = 'running'))`;

// The same words about the same are one memory, whose facts are the newer ones; what a person has stated stays stated.
const keep = statement(
  'memory.keep',
  `with wanted as (
     select * from json_to_recordset($1::json) as w(place int, agent text, type text, content text, subject text,
       metadata jsonb, trust text, "expiresAt" timestamptz, hash text, "modelId" int)
   ), kept as (
     insert into agent_memory as m (tenant_id, agent_name, memory_type, content, subject, metadata, trust, expires_at,
       content_hash, source_task_id, model_id)
     select (select pulser.tenant_id()), w.agent, w.type, w.content, w.subject, w.metadata, w.trust, w."expiresAt",
       decode(w.hash, 'hex'), $3, w."modelId"
     from wanted w where ${fence(3, 4)} order by w.hash, w.type, w.agent, w.subject
     on conflict (tenant_id, agent_name, memory_type, subject, content_hash) where content_hash is not null
     do update set metadata = excluded.metadata, expires_at = excluded.expires_at,
       source_task_id = coalesce(excluded.source_task_id, m.source_task_id),
       trust = case when m.trust = 'stated' then m.trust else excluded.trust end,
       model_id = coalesce(excluded.model_id, m.model_id)
     returning m.*
   ), chunks as (
     insert into memory_chunk (tenant_id, memory_id, model_id, chunk, from_unit, to_unit, embedding)
     select k.tenant_id, k.memory_id, w."modelId", c.chunk, c."from", c."to", c.vector::vector
     from json_to_recordset($2::json) as c(place int, chunk int, "from" int, "to" int, vector text)
     join wanted w on w.place = c.place
     join kept k on k.content_hash = decode(w.hash, 'hex') and k.memory_type = w.type
       and k.agent_name is not distinct from w.agent and k.subject is not distinct from w.subject
     on conflict do nothing
   )
   select w.place, ${memoryColumns('k')}
   from wanted w join kept k on k.content_hash = decode(w.hash, 'hex') and k.memory_type = w.type
     and k.agent_name is not distinct from w.agent and k.subject is not distinct from w.subject
   order by w.place`,
);

/** Which memories to forget; all that match every member given. */
export interface ForgetCriteria {
  readonly ids?: readonly string[] | undefined;
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  readonly agent?: string | undefined;
  /** Those alone that this agent finds: its own and shared ones. */
  readonly seenBy?: string | undefined;
  /** RFC 3339. */
  readonly olderThan?: string | undefined;
}

// Chunks go with their memory. In pieces, so that none takes longer than a statement may.
const forget = statement(
  'memory.forget',
  `with gone as (
     delete from agent_memory where tenant_id = (select pulser.tenant_id()) and memory_id in (
       select memory_id from agent_memory where tenant_id = (select pulser.tenant_id()) and ${fence(1, 2)}
         and ($3::uuid[] is null or memory_id = any($3)) and ($4::text is null or memory_type = $4)
         and ($5::text is null or subject = $5) and ($6::text is null or agent_name = $6)
         and ($7::text is null or agent_name is null or agent_name = $7)
         and ($8::timestamptz is null or created_at < $8)
       order by memory_id limit $9)
     returning 1)
   select count(*)::int as gone from gone`,
);

const maxForgottenAtOnce = 2_000;

// An expired memory is found by nobody from that moment on; this removes it.
const dropExpired = statement(
  'memory.drop-expired',
  `with expired as (
     select m.tenant_id, m.memory_id from tenant t cross join lateral (
       select tenant_id, memory_id from agent_memory where tenant_id = t.tenant_id and expires_at <= now() limit $1
     ) m limit $1
   ), gone as (
     delete from agent_memory m using expired e where m.tenant_id = e.tenant_id and m.memory_id = e.memory_id returning 1)
   select count(*)::int as gone from gone`,
);

const recordOf = ({ memory, embedded }: EmbeddedMemory, place: number): object => ({
  place,
  ...memory,
  hash: hashOf(memory.content),
  modelId: embedded?.modelId ?? null,
});

/** JSON records of chunks. @param place of the memory that they belong to */
export const chunkRecords = (chunks: readonly Chunk[], place: number): object[] =>
  chunks.map(({ from, to, vector }, chunk) => ({ place, chunk, from, to, vector: vectorText(vector) }));

/** Keeps and forgets memories of one tenant. */
@Injectable()
export class MemoryWrites {
  constructor(private readonly database: Database) {}

  /**
   * Durable when it returns.
   * @param memories no two of which are the same
   * @param attempt that writes; nothing is written once it has lost its task
   * @returns them in their order; fewer when the attempt has lost its task
   * @throws DatabaseUnavailable
   */
  keep(tenantId: string, memories: readonly EmbeddedMemory[], attempt?: ClaimRef): Promise<MemoryRow[]> {
    const chunks = memories.flatMap(({ embedded }, place) => chunkRecords(embedded?.chunks ?? [], place));
    return this.database.queryAs(tenantId, keep, [
      JSON.stringify(memories.map(recordOf)),
      JSON.stringify(chunks),
      attempt?.taskId ?? null,
      attempt?.epoch ?? null,
    ]);
  }

  /** Forgets all that match when it begins. @returns how many @throws DatabaseUnavailable */
  async forget(tenantId: string, criteria: ForgetCriteria, attempt?: ClaimRef): Promise<number> {
    const { ids, type, subject, agent, seenBy, olderThan } = criteria;
    const values = [attempt?.taskId, attempt?.epoch, ids, type, subject, agent, seenBy, olderThan];
    for (let total = 0; ;) {
      const [row] = await this.database.queryAs<{ gone: number }>(tenantId, forget, [
        ...values.map((value) => value ?? null),
        maxForgottenAtOnce,
      ]);
      total += row?.gone ?? 0;
      if ((row?.gone ?? 0) < maxForgottenAtOnce) return total;
    }
  }

  /** Removes up to `limit` expired memories of all tenants. Needs the service role. @returns how many */
  async dropExpired(limit: number): Promise<number> {
    const [row] = await this.database.query<{ gone: number }>(dropExpired, [limit]);
    return row?.gone ?? 0;
  }
}
