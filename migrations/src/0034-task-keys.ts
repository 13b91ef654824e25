import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

const columns = `
  alter table task_queue
    add column concurrency_key text,
    add column concurrency_limit int,
    add column holds_key boolean not null default false,
    add column unique_key text`;

const comments = [
  `comment on column task_queue.concurrency_key is 'of the tenant''s tasks with this key so many run at a time; null: any number'`,
  `comment on column task_queue.concurrency_limit is 'how many, as this task says it'`,
  `comment on column task_queue.holds_key is 'it has its place among them, until it has ended; without one it is waiting'`,
  `comment on column task_queue.unique_key is 'of the tenant''s tasks with this key there is one in a window of time'`,
];

// Tasks without keys are in none of these.
const indexes = [
  `create index task_gated on task_queue (tenant_id, concurrency_key, priority, created_at, task_id)
     where concurrency_key is not null and status = 'waiting' and not holds_key`,
  `create index task_holding on task_queue (tenant_id, concurrency_key)
     where concurrency_key is not null and holds_key and completed_at is null`,
  `create index task_unique on task_queue (tenant_id, unique_key, task_id) where unique_key is not null`,
];

/** How many tasks of a key run at a time, and which of a key there is once. */
export class TaskKeys1763840000034 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [columns, ...comments, ...indexes]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop index task_unique, task_holding, task_gated',
      'alter table task_queue drop column concurrency_key, drop column concurrency_limit, drop column holds_key, drop column unique_key',
    ]);
  }
}
