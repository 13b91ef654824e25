import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { dropExpired, ensurePartitions, type Partitioned } from './sql/partition-functions.js';
import { dropFacets, facetsFromNowOn } from './sql/task-facets.js';
import { tenantTable } from './sql/tenant-table.js';

// A row holds the tasks of one statement that have a value in common, newest first: under load, where statements insert many
// tasks, it costs a fraction of a row for each task.
const taskFacet = `
  create table task_facet (
    tenant_id uuid not null,
    facet text collate "C" not null,
    value text collate "C" not null,
    last_id uuid not null,
    task_ids uuid[] not null,
    primary key (tenant_id, facet, value, last_id)
  ) partition by range (last_id)`;

const comments = [
  `comment on table task_facet is 'ids of tasks by what they are found by; a task may have got another value since'`,
  `comment on column task_facet.facet is 'route: agent/type/priority/operation; submitted_by; label: and its key'`,
  `comment on column task_facet.task_ids is 'of one moment: equal in their first 40 bits; last_id is the largest'`,
  `comment on column task_queue.labels is 'members of the metadata that were labels when the task was submitted; null: none'`,
];

// The state of a task is found by partial indexes, because the comparison of an enum is not leakproof. By whether it was ever
// claimed, so that those that run are found beside any number that wait. The conditions do not follow from those of the
// statements that end attempts, which must never prefer these to the primary key: they hold dead entries of all that was in
// the state before.
const ofState = (name: string, condition: string): string =>
  `create index ${name} on task_queue (tenant_id, (epoch > 0), task_id) where ${condition}`;

const indexes = [
  ofState('task_active', `completed_at is null and status not in ('scheduled', 'waiting')`),
  ofState('task_cancelled', `status = 'cancelled'`),
  'drop index task_failed',
  ofState('task_failed', `status = 'failed'`),
  'drop index task_pending',
  ofState('task_pending', `status in ('scheduled', 'waiting')`),
  'drop index task_children',
  `create index task_children on task_queue (tenant_id, parent_id, task_id) where parent_id is not null`,
  `create index dead_letter_by_reason on dead_letter (tenant_id, reason collate "C", task_id) where task_id is not null`,
];

const before: Partitioned = {
  made: ['task_queue', 'task_event', 'task_artifact', 'task_effect', 'agent_telemetry'],
  dropped: ['task_effect', 'task_artifact', 'task_event', 'task_queue'],
};

const after: Partitioned = {
  made: [...before.made, 'task_facet'],
  dropped: ['task_facet', ...before.dropped],
};

// Weeks of tasks that are there: their facets are dropped with them.
const pastPartitions = `
  do $$
  declare
    week text; starts timestamptz; child text;
  begin
    for week in
      select right(c.relname, 7) from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.task_queue'::regclass and c.relname ~ '_[0-9]{4}w[0-9]{2}$'
    loop
      starts := to_timestamp(week, 'IYYY"w"IW')::timestamp at time zone 'UTC';
      child := 'task_facet_' || week;
      execute format('create table public.%I partition of public.task_facet for values from (%L) to (%L)',
        child, pulser.id_floor(starts), pulser.id_floor(starts + interval '1 week'));
      execute format('alter table public.%I enable row level security', child);
      execute format('alter table public.%I force row level security', child);
    end loop;
  end $$`;

/** What lists of tasks are filtered by. Writes wait while it runs, which grows with the number of tasks. */
export class TaskSearch1763840000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table task_queue add column labels jsonb',
      'lock table task_queue in share row exclusive mode',
      taskFacet,
      'create table task_facet_default partition of task_facet default',
      'alter table task_facet_default enable row level security',
      'alter table task_facet_default force row level security',
      pastPartitions,
      ...tenantTable('task_facet', ['select']),
      'create policy facet_insert on task_facet for insert to pulser_owner with check (true)',
      'create policy facet_check on task_facet for select to pulser_owner using (true)',
      ...comments,
      ...facetsFromNowOn,
      ...indexes,
      ensurePartitions(after),
      dropExpired(after),
      'select pulser.ensure_partitions()',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ensurePartitions(before),
      dropExpired(before),
      ...dropFacets,
      'drop table task_facet',
      'drop index dead_letter_by_reason',
      'drop index task_children',
      'create index task_children on task_queue (tenant_id, parent_id) where parent_id is not null',
      'drop index task_pending',
      `create index task_pending on task_queue (tenant_id) where status in ('scheduled', 'waiting')`,
      'drop index task_failed',
      `create index task_failed on task_queue (tenant_id, task_id) where status = 'failed'`,
      'drop index task_cancelled',
      'drop index task_active',
      'alter table task_queue drop column labels',
    ]);
  }
}
