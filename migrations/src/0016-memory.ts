import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// The owner sees rows only while row-level security is not forced.
const renamedAgent = (change: string): string[] => [
  'alter table agent_memory no force row level security',
  `update agent_memory set ${change}`,
  'alter table agent_memory force row level security',
];

// A model is known by its name and by its vectors of five fixed sentences, one after the other.
const embeddingModel = `
  create table embedding_model (
    model_id int generated always as identity primary key,
    name text not null unique,
    dimensions int not null check (dimensions between 1 and 1536),
    fingerprint real[] not null,
    indexed boolean not null default false,
    created_at timestamptz not null default now(),
    used_at timestamptz not null default now(),
    check (cardinality(fingerprint) = 5 * dimensions)
  )`;

const memoryColumns = `
  alter table agent_memory
    alter column agent_name drop not null,
    add column subject text,
    add column source_task_id uuid,
    add column trust text not null default 'observed' check (trust in ('stated', 'observed', 'derived')),
    add column expires_at timestamptz,
    add column content_hash bytea,
    add column model_id int`;

// The width differs by model, so it is no part of the type: a vector of 384 dimensions takes a quarter of the space, and
// of the time of a scan, of one that is padded to 1,536. PLAIN keeps wide ones out of TOAST, where a scan is ten times
// slower; 1,536 dimensions fill most of a page.
const memoryChunk = `
  create table memory_chunk (
    tenant_id uuid not null,
    memory_id uuid not null,
    model_id int not null,
    chunk int not null,
    from_unit int not null,
    to_unit int not null,
    embedding vector not null check (vector_dims(embedding) <= 1536),
    primary key (tenant_id, memory_id, model_id, chunk),
    foreign key (tenant_id, memory_id) references agent_memory on delete cascade
  )`;

// What was forgotten leaves the tables and their indexes at the next round of autovacuum, not after a fifth of the rows.
const promptVacuum = ['agent_memory', 'memory_chunk'].map(
  (table) => `alter table ${table} set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)`,
);

// Runs as the owner: no other role may write what is known of models. A name that is known keeps its fingerprint.
const knowModel = `
  create function pulser.know_embedding_model(model text, width int, print real[]) returns void
  language sql security definer ${ownersPath} as $$
    insert into public.embedding_model as m (name, dimensions, fingerprint) values (model, width, print)
    on conflict (name) do update set used_at = now()
      where m.dimensions = excluded.dimensions and m.used_at < now() - interval '1 minute'
  $$`;

// Runs as the owner, who alone may create an index. To be called while few rows of the model are there: writers wait.
const indexModel = `
  create function pulser.index_embedding_model(model int) returns void
  language plpgsql security definer ${ownersPath} as $$
  declare
    width int;
    home name;
  begin
    select dimensions into width from public.embedding_model where model_id = model for update;
    if width is null then return; end if;
    select nspname into strict home from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'vector';
    execute format('create index if not exists %I on public.memory_chunk
      using hnsw ((embedding::%I.vector(%s)) %I.vector_cosine_ops) where model_id = %s',
      'memory_chunk_of_model_' || model, home, width, home, model);
    update public.embedding_model set indexed = true where model_id = model;
  end
  $$`;

const comments = [
  `comment on column agent_memory.agent_name is 'the agent that alone finds it; null: shared by all agents of the tenant'`,
  `comment on column agent_memory.model_id is 'the model of which all its chunks are there; null: not embedded yet'`,
  `comment on column agent_memory.content_hash is 'SHA-256; null: not written by Pulser'`,
  `comment on column agent_memory.embedding is 'not used since 0016: see memory_chunk'`,
  `comment on column embedding_model.indexed is 'there is an HNSW index over its chunks'`,
  `comment on column embedding_model.used_at is 'when a process last used it, to a minute'`,
];

export class Memory1763840000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      embeddingModel,
      'grant select on embedding_model to pulser_app, pulser_service',
      memoryColumns,
      ...renamedAgent(`agent_name = null where agent_name = ''`),
      `create unique index memory_once on agent_memory (tenant_id, agent_name, memory_type, subject, content_hash)
         nulls not distinct where content_hash is not null`,
      'create index memory_by_subject on agent_memory (tenant_id, subject) where subject is not null',
      'create index memory_by_expiry on agent_memory (tenant_id, expires_at) where expires_at is not null',
      'create index memory_by_model on agent_memory (tenant_id, model_id, memory_id)',
      memoryChunk,
      'alter table memory_chunk alter column embedding set storage plain',
      'create index chunk_by_model on memory_chunk (tenant_id, model_id, memory_id)',
      ...tenantTable('memory_chunk', ['select', 'insert', 'update', 'delete']),
      ...promptVacuum,
      knowModel,
      indexModel,
      'revoke execute on function pulser.know_embedding_model(text, int, real[]) from public',
      'revoke execute on function pulser.index_embedding_model(int) from public',
      'grant execute on function pulser.know_embedding_model(text, int, real[]) to pulser_app, pulser_service',
      'grant execute on function pulser.index_embedding_model(int) to pulser_service',
      ...comments,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop function pulser.index_embedding_model(int)',
      'drop function pulser.know_embedding_model(text, int, real[])',
      'drop table memory_chunk',
      'drop index memory_by_model, memory_by_expiry, memory_by_subject, memory_once',
      // Before, each memory was an agent's: a shared one is kept under an empty name.
      ...renamedAgent(`agent_name = '' where agent_name is null`),
      `alter table agent_memory
         alter column agent_name set not null,
         drop column model_id, drop column content_hash, drop column expires_at, drop column trust,
         drop column source_task_id, drop column subject`,
      'alter table agent_memory reset (autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor)',
      'comment on column agent_memory.agent_name is null',
      'comment on column agent_memory.embedding is null',
      'drop table embedding_model',
    ]);
  }
}
