import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// Vectors of different models are not comparable: each row names its model.
const agentMemory = `
  create table agent_memory (
    tenant_id uuid not null references tenant,
    memory_id uuid not null default pulser.new_id(),
    agent_name text not null,
    memory_type text not null,
    content text not null,
    embedding vector(1536),
    embedding_model text,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (tenant_id, memory_id),
    check ((embedding is null) = (embedding_model is null))
  )`;

// One row per metric, tenant and interval, never one per task.
const agentTelemetry = `
  create table agent_telemetry (
    tenant_id uuid not null references tenant,
    telemetry_id uuid not null default pulser.new_id(),
    agent_name text not null,
    metric_name text not null,
    metric_value double precision not null,
    unit text not null,
    timestamp timestamptz not null default now(),
    metadata jsonb not null default '{}',
    primary key (tenant_id, telemetry_id)
  ) partition by range (telemetry_id)`;

export class MemoryAndTelemetry1763840000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      agentMemory,
      'create index memory_by_agent on agent_memory (tenant_id, agent_name, memory_id)',
      ...tenantTable('agent_memory', ['select', 'insert', 'update', 'delete']),
      agentTelemetry,
      'create index telemetry_by_metric on agent_telemetry (tenant_id, agent_name, metric_name, timestamp)',
      ...tenantTable('agent_telemetry', ['select']),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table agent_telemetry', 'drop table agent_memory']);
  }
}
