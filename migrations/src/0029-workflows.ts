import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

const definition = `
  create table workflow_definition (
    tenant_id uuid not null references tenant,
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    version int not null check (version > 0),
    hash text not null,
    body jsonb not null,
    made_by text not null,
    made_at timestamptz not null default now(),
    primary key (tenant_id, name, version)
  )`;

const run = `
  create table workflow_run (
    tenant_id uuid not null references tenant,
    task_id uuid not null,
    workflow text,
    definition_version int,
    definition jsonb not null,
    inputs jsonb not null,
    priority task_priority not null,
    depth int not null default 0,
    revision int not null default 0,
    due_at timestamptz,
    outcome jsonb,
    rerun_of uuid,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (tenant_id, task_id)
  )`;

const step = `
  create table workflow_step (
    tenant_id uuid not null references tenant,
    run_id uuid not null,
    name text not null,
    position int not null,
    status text not null default 'pending'
      check (status in ('pending', 'running', 'completed', 'failed', 'skipped', 'cancelled')),
    total int,
    started int not null default 0,
    completed int not null default 0,
    failed int not null default 0,
    items jsonb,
    missing jsonb,
    reused boolean not null default false,
    started_at timestamptz,
    ended_at timestamptz,
    wakes_at timestamptz,
    code text,
    detail text,
    primary key (tenant_id, run_id, name),
    foreign key (tenant_id, run_id) references workflow_run on delete cascade
  )`;

const task = `
  create table workflow_task (
    tenant_id uuid not null references tenant,
    run_id uuid not null,
    step text not null,
    index int not null,
    task_id uuid,
    status text not null default 'open' check (status in ('open', 'completed', 'failed', 'cancelled')),
    code text,
    primary key (tenant_id, run_id, step, index),
    foreign key (tenant_id, run_id, step) references workflow_step on delete cascade
  )`;

// No foreign key: it would lock the run whenever one of its tasks ends.
const inbox = `
  create table workflow_inbox (
    tenant_id uuid not null references tenant,
    inbox_id uuid not null default pulser.new_id(),
    run_id uuid not null,
    task_id uuid not null,
    at timestamptz not null default now(),
    primary key (tenant_id, inbox_id)
  )`;

// In the transaction that ends a task, whoever ends it: so no end is missed, and an open run costs nothing until then.
const notice = `
  create function pulser.notice_run() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $$
  begin
    insert into public.workflow_inbox (tenant_id, run_id, task_id)
    select new.tenant_id, r.task_id, new.task_id from public.workflow_run r
    where r.tenant_id = new.tenant_id
      and ((r.task_id = new.parent_id and new.completed_at is not null) or r.task_id = new.task_id);
    return null;
  end
  $$`;

const trigger = `
  create trigger notice_run after update on task_queue for each row
  when (((new.completed_at is not null and old.completed_at is null) or (new.status = 'waiting' and old.status <> 'waiting'))
    and (new.parent_id is not null or new.task_type = 'orchestration'))
  execute function pulser.notice_run()`;

const comments = [
  `comment on column workflow_run.task_id is 'the task of type orchestration that is the run'`,
  `comment on column workflow_run.definition is 'as it was when the run began'`,
  `comment on column workflow_run.depth is 'runs above it'`,
  `comment on column workflow_run.revision is 'every decision bumps it: one that was made on an older state changes nothing'`,
  `comment on column workflow_run.due_at is 'when somebody must look at the run again if nothing happens before'`,
  `comment on column workflow_run.outcome is 'how it ends: its task ends so right after'`,
  `comment on column workflow_step.items is 'the list of a map'`,
  `comment on column workflow_step.missing is 'items that are still to be started, where they are not the last ones'`,
  `comment on column workflow_task.task_id is 'null: its submission was refused, or its payload could not be made'`,
  `comment on table workflow_inbox is 'ends of tasks that their runs have not noticed yet'`,
];

const indexes = [
  `create index workflow_run_due on workflow_run (due_at) where due_at is not null`,
  `create index workflow_run_of on workflow_run (tenant_id, workflow, task_id)`,
  `create index workflow_run_ended on workflow_run (ended_at) where ended_at is not null`,
  `create index workflow_task_of on workflow_task (tenant_id, task_id)`,
  `create index workflow_inbox_of on workflow_inbox (tenant_id, run_id)`,
  `create index workflow_inbox_age on workflow_inbox (at)`,
];

const audit = `
  create trigger audit_insert after insert on workflow_definition referencing new table as new_table for each statement
  execute function pulser.audit_rows('workflow', '{name,version}', '{}')`;

const everything = ['select', 'insert', 'update', 'delete'] as const;

/** Definitions of workflows, their runs with steps and tasks, and the ends that runs have not noticed yet. */
export class Workflows1763840000029 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      definition,
      ...tenantTable('workflow_definition', ['select', 'insert']),
      run,
      ...tenantTable('workflow_run', ['select', 'insert', 'update']),
      step,
      ...tenantTable('workflow_step', ['select', 'insert', 'update']),
      task,
      ...tenantTable('workflow_task', ['select', 'insert', 'update']),
      inbox,
      ...tenantTable('workflow_inbox', everything),
      ...comments,
      ...indexes,
      audit,
      notice,
      trigger,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop trigger notice_run on task_queue',
      'drop function pulser.notice_run()',
      ...['inbox', 'task', 'step', 'run', 'definition'].map((noun) => `drop table workflow_${noun}`),
    ]);
  }
}
