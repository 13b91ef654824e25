import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// Times and rules are those of `ScheduleOrder`, the task is a `ScheduledTask` of the contracts.
const schedule = `
  create table schedule (
    tenant_id uuid not null references tenant,
    schedule_id uuid not null default pulser.new_id(),
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    revision int not null default 1,
    rules jsonb not null,
    task jsonb not null,
    author_key uuid,
    author text not null,
    author_role text not null,
    author_types text[],
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    nominal_at timestamptz,
    due_at timestamptz,
    look int not null default 0,
    failures int not null default 0,
    paused_kind text check (paused_kind in ('user', 'rights', 'failure', 'error')),
    paused_note text,
    paused_by text,
    paused_at timestamptz,
    asked jsonb,
    skipped jsonb not null default '{}',
    primary key (tenant_id, schedule_id),
    unique (tenant_id, name),
    check ((paused_kind is null) = (paused_at is null))
  )`;

const fire = `
  create table schedule_fire (
    tenant_id uuid not null,
    schedule_id uuid not null,
    nominal_at timestamptz not null,
    origin text not null default 'time' check (origin in ('time', 'trigger', 'backfill')),
    state text not null check (state in ('pending', 'started', 'completed', 'failed', 'cancelled', 'skipped')),
    overlap text not null,
    reason text,
    detail text,
    times int not null default 1,
    last_nominal_at timestamptz,
    task_id uuid,
    asked_by text,
    made_at timestamptz not null default now(),
    fired_at timestamptz,
    ended_at timestamptz,
    settled boolean not null default true,
    primary key (tenant_id, schedule_id, nominal_at),
    foreign key (tenant_id, schedule_id) references schedule on delete cascade
  )`;

const indexes = [
  'create index schedule_due on schedule (due_at) where due_at is not null',
  'create index schedule_paused on schedule (paused_kind) where paused_kind is not null',
  `create index fire_open on schedule_fire (tenant_id, schedule_id, state, nominal_at) where state in ('pending', 'started')`,
  `create index fire_taken on schedule_fire (tenant_id, schedule_id, nominal_at) where state <> 'skipped'`,
  'create index fire_unsettled on schedule_fire (tenant_id, schedule_id) where not settled',
  'create index fire_age on schedule_fire (made_at)',
];

const comments = [
  `comment on table schedule is 'tasks that are submitted at times to come'`,
  `comment on column schedule.rules is 'which times there are, and what to do at them'`,
  `comment on column schedule.author_key is 'whose rights count, as they are at each fire; null: of a person, with the rights of when it was written'`,
  `comment on column schedule.nominal_at is 'the next time, before jitter; null: there is none'`,
  `comment on column schedule.due_at is 'when the router must look at the row again if nothing else happens; null: at nothing'`,
  `comment on column schedule.look is 'counts who sets due_at: a router that looked before does not undo it'`,
  `comment on column schedule.failures is 'fires in a row that failed on our side'`,
  `comment on column schedule.asked is 'the last trigger or backfill'`,
  `comment on column schedule.skipped is 'skipped times by reason: kept, so that no list counts them'`,
  `comment on table schedule_fire is 'what became of each time of a schedule'`,
  `comment on column schedule_fire.times is 'skipped times that the row stands for'`,
  `comment on column schedule_fire.settled is 'false: its task has ended, and the router has not looked at the schedule since'`,
  `comment on column task_queue.schedule_id is 'the schedule that submitted it'`,
];

// In the statement that ends the task; nothing is done for tasks without a schedule.
const settle = `
  create function pulser.end_fire() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  begin
    update public.schedule_fire set state = new.status::text, ended_at = now(), settled = false
    where tenant_id = new.tenant_id and schedule_id = new.schedule_id and state = 'started' and task_id = new.task_id;
    return null;
  end
  $$`;

const endTrigger = `
  create trigger scheduled_task_end after update on task_queue for each row
  when (new.schedule_id is not null and old.completed_at is null and new.completed_at is not null)
  execute function pulser.end_fire()`;

const transitions = {
  insert: 'referencing new table as new_table',
  update: 'referencing old table as old_table new table as new_table',
  delete: 'referencing old table as old_table',
} as const;

const auditTrigger = ([event, referencing]: readonly [string, string]): string => `
  create trigger audit_${event} after ${event} on schedule ${referencing} for each statement
  execute function pulser.audit_rows('schedule', '{name}', '{nominal_at,due_at,look,failures,skipped}')`;

/** Schedules, what became of their times, and which tasks they submitted. */
export class Schedules1763840000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      schedule,
      fire,
      'alter table task_queue add column schedule_id uuid',
      ...indexes,
      ...comments,
      ...tenantTable('schedule', ['select', 'insert', 'update', 'delete']),
      ...tenantTable('schedule_fire', ['select', 'insert', 'update']),
      'create policy fire_end on schedule_fire for update to pulser_owner using (true)',
      'create policy fire_lookup on schedule_fire for select to pulser_owner using (true)',
      settle,
      'revoke execute on function pulser.end_fire() from public',
      endTrigger,
      ...Object.entries(transitions).map(auditTrigger),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop trigger scheduled_task_end on task_queue',
      'drop function pulser.end_fire()',
      'alter table task_queue drop column schedule_id',
      'drop table schedule_fire',
      'drop table schedule',
    ]);
  }
}
