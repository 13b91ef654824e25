import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { dropExpired, ensurePartitions, type Partitioned } from './sql/partition-functions.js';
import { tenantTable } from './sql/tenant-table.js';

// Spans of some tasks, written after their attempts. They explain a task and decide nothing, so no write is fenced.
const taskSpan = `
  create table task_span (
    tenant_id uuid not null,
    task_id uuid not null,
    span_id text not null,
    trace_id text not null,
    parent_id text,
    name text not null,
    kind text not null,
    service text not null,
    attempt int,
    at timestamptz not null,
    duration_ms float8 not null,
    error text,
    attributes jsonb not null default '{}',
    primary key (tenant_id, task_id, span_id)
  ) partition by range (task_id)`;

const before: Partitioned = {
  made: ['task_queue', 'task_event', 'task_artifact', 'task_effect', 'agent_telemetry', 'task_facet'],
  dropped: ['task_facet', 'task_effect', 'task_artifact', 'task_event', 'task_queue'],
};

const after: Partitioned = {
  made: [...before.made, 'task_span'],
  dropped: ['task_span', ...before.dropped],
};

export class Spans1763840000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      taskSpan,
      `comment on table task_span is 'where the time of a task went; kept for a share of tasks, and for failed and slow attempts'`,
      'create table task_span_default partition of task_span default',
      'alter table task_span_default enable row level security',
      'alter table task_span_default force row level security',
      ...tenantTable('task_span', ['select', 'insert']),
      ensurePartitions(after),
      dropExpired(after),
      'select pulser.ensure_partitions()',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [ensurePartitions(before), dropExpired(before), 'drop table task_span']);
  }
}
