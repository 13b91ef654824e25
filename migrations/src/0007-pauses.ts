import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// While a row exists, no task of the agent or type starts: for one tenant or, without one, for all.
const taskPause = `
  create table task_pause (
    tenant_id uuid references tenant,
    agent_name text,
    task_type text,
    reason text,
    paused_by text,
    paused_at timestamptz not null default now(),
    check (num_nonnulls(agent_name, task_type) = 1),
    unique nulls not distinct (tenant_id, agent_name, task_type)
  )`;

export class Pauses1763840000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      taskPause,
      ...tenantTable('task_pause', ['select', 'insert', 'delete']),
      // Every tenant may know why its tasks do not start.
      'create policy pause_of_all on task_pause for select using (tenant_id is null)',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table task_pause']);
  }
}
