import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

const enums = [
  `create type task_priority as enum ('low', 'medium', 'high')`,
  `create type task_status as enum
    ('scheduled', 'queued', 'running', 'retrying', 'waiting', 'completed', 'failed', 'cancelled')`,
];

// Partitioned by id, which is a UUIDv7: by time of submission, without a second column in the primary key.
const taskQueue = `
  create table task_queue (
    task_id uuid not null default pulser.new_id(),
    tenant_id uuid not null references tenant,
    task_type text not null,
    priority task_priority not null default 'medium',
    assigned_agent text not null,
    status task_status not null default 'queued',
    payload jsonb not null,
    metadata jsonb,
    result jsonb,
    error jsonb,
    error_message text generated always as (error ->> 'message') stored,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    run_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    deadline_at timestamptz,
    due_at timestamptz,
    epoch int not null default 0,
    attempts int not null default 0,
    max_attempts int not null default 4,
    retry_count int generated always as (greatest(attempts - 1, 0)) stored,
    dispatches int not null default 0,
    raised boolean not null default false,
    claim_nudge bigint,
    worker text,
    parent_id uuid,
    replay_of uuid,
    submitted_by text,
    traceparent text,
    primary key (tenant_id, task_id),
    check ((completed_at is null) = (status not in ('completed', 'failed', 'cancelled'))),
    check ((due_at is null) = (completed_at is not null))
  ) partition by range (task_id)`;

const comments = [
  `comment on column task_queue.due_at is 'when somebody must look at this row again if nothing else happens'`,
  `comment on column task_queue.epoch is 'bumped by every claim; a write that carries an older one does nothing'`,
  `comment on column task_queue.claim_nudge is 'the message that made the claim: only its redelivery may take over'`,
  `comment on column task_queue.dispatches is 'times the dispatcher sent it; the interval to the next look grows with it'`,
  `comment on column task_queue.raised is 'waited so long that it travels with the highest priority'`,
  `comment on column task_queue.submitted_by is 'id of an API key, or subject of a token'`,
  `comment on column task_queue.replay_of is 'the failed task that this one repeats'`,
];

const indexes = [
  // By time and not only by id, so that the planner never prefers the primary key, which holds all ended tasks too.
  `create index task_backlog on task_queue
    (assigned_agent, priority, tenant_id, task_type, created_at, task_id) where status = 'queued'`,
  `create index task_due on task_queue (due_at)
    where status in ('scheduled', 'running', 'retrying', 'waiting')`,
  `create index task_deadline on task_queue (deadline_at) where deadline_at is not null and completed_at is null`,
  `create index task_pending on task_queue (tenant_id) where status in ('scheduled', 'waiting')`,
  `create index task_failed on task_queue (tenant_id, task_id) where status = 'failed'`,
  `create index task_children on task_queue (tenant_id, parent_id) where parent_id is not null`,
];

// Tables that belong to a task have no foreign key to it: writes are fenced by its epoch, and retention drops the
// partitions of a week together, which a foreign key between them would forbid.
// seq = epoch * 1000000 + position within the attempt: an order that derived and stored events share.
const taskEvent = `
  create table task_event (
    tenant_id uuid not null,
    task_id uuid not null,
    seq bigint not null,
    at timestamptz not null default now(),
    body jsonb not null,
    primary key (tenant_id, task_id, seq)
  ) partition by range (task_id)`;

const taskArtifact = `
  create table task_artifact (
    tenant_id uuid not null,
    task_id uuid not null,
    name text not null,
    media_type text not null,
    content bytea not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, task_id, name)
  ) partition by range (task_id)`;

// A row is written before an effect outside and finished after it, so that a later attempt knows what was done.
const taskEffect = `
  create table task_effect (
    tenant_id uuid not null,
    task_id uuid not null,
    key text not null,
    epoch int not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    result jsonb,
    primary key (tenant_id, task_id, key)
  ) partition by range (task_id)`;

const idempotencyKey = `
  create table idempotency_key (
    tenant_id uuid not null references tenant,
    key text not null,
    body_hash bytea not null,
    task_id uuid not null,
    expires_at timestamptz not null,
    primary key (tenant_id, key)
  )`;

export class Tasks1763840000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...enums,
      taskQueue,
      ...comments,
      ...indexes,
      ...tenantTable('task_queue', ['select', 'insert', 'update']),
      taskEvent,
      ...tenantTable('task_event', ['select']),
      taskArtifact,
      ...tenantTable('task_artifact', ['select']),
      taskEffect,
      ...tenantTable('task_effect', ['select']),
      idempotencyKey,
      'create index idempotency_expiry on idempotency_key (expires_at)',
      ...tenantTable('idempotency_key', ['select', 'insert', 'delete']),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop table idempotency_key',
      'drop table task_effect',
      'drop table task_artifact',
      'drop table task_event',
      'drop table task_queue',
      'drop type task_status',
      'drop type task_priority',
    ]);
  }
}
