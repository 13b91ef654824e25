import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/run.js';
import { tenantTable } from './sql/tenant-table.js';

// Agents belong to the installation, not to a tenant.
const agent = `
  create table agent (
    agent_name text primary key,
    task_types text[] not null,
    operations jsonb not null default '[]',
    registered_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now()
  )`;

// A task that used up its attempts, or a message that could not be tied to a task (then task_id is null and the raw
// body is kept; its tenant is known only when its key was valid).
const deadLetter = `
  create table dead_letter (
    dead_letter_id uuid primary key default pulser.new_id(),
    tenant_id uuid references tenant,
    task_id uuid,
    task_type text,
    agent_name text,
    reason text not null,
    error jsonb,
    source_queue text,
    routing_key text,
    message_id text,
    body bytea,
    created_at timestamptz not null default now(),
    check ((task_id is null) = (body is not null))
  )`;

export class AgentsAndDeadLetters1763840000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      agent,
      'grant select on agent to pulser_app',
      'grant select, insert, update on agent to pulser_service',
      deadLetter,
      'create index dead_letter_by_tenant on dead_letter (tenant_id, dead_letter_id)',
      'create unique index dead_letter_of_task on dead_letter (tenant_id, task_id) where task_id is not null',
      ...tenantTable('dead_letter', ['select']),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table dead_letter', 'drop table agent']);
  }
}
