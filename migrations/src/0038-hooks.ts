import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// Cause and mapping are those of `HookOrder`, the task is a `ScheduledTask` of the contracts.
const hook = `
  create table hook (
    tenant_id uuid not null references tenant,
    hook_id uuid not null default pulser.new_id(),
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    revision int not null default 1,
    source text not null check (source in ('request', 'task.failed', 'dataset.version')),
    address text,
    rules jsonb not null,
    task jsonb not null,
    enabled boolean not null default true,
    author_key uuid,
    author text not null,
    author_role text not null,
    author_types text[],
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    fired_at timestamptz,
    fired_task uuid,
    refused_at timestamptz,
    refused_reason text,
    refused_detail text,
    primary key (tenant_id, hook_id),
    unique (tenant_id, name),
    unique (address, tenant_id),
    check ((source = 'request') = (address is not null))
  )`;

// No foreign key: it would undo the end of a task whose hook is deleted at that moment.
const event = `
  create table hook_event (
    tenant_id uuid not null references tenant,
    event_id uuid not null default pulser.new_id(),
    hook_id uuid not null,
    hooks uuid[] not null default '{}',
    body jsonb not null,
    made_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    tries int not null default 0,
    primary key (tenant_id, event_id)
  )`;

const indexes = [
  `create index hook_of_event on hook (tenant_id, source) where source <> 'request' and enabled`,
  'create index hook_event_due on hook_event (due_at)',
  'create index hook_event_of on hook_event (tenant_id, hook_id)',
];

const comments = [
  `comment on table hook is 'tasks that are submitted when something happens'`,
  `comment on column hook.address is 'where signed requests go, unguessable; null for any other source'`,
  `comment on column hook.author_key is 'whose rights count, as they are then; null: of a person, with the rights of when it was written'`,
  `comment on table hook_event is 'what has happened to which a hook is to be fired: written in the transaction that made it happen'`,
  `comment on column hook_event.hooks is 'by which the task came that made it happen'`,
  `comment on column task_queue.hooks is 'the hooks that led to the task, one after the other, its own the last; null: none'`,
  `comment on column workflow_step.result is 'of a step without a task: the signal that it waited for'`,
];

// A hook is looked up before its tenant is known.
const find = `
  create function pulser.find_hook(wanted text) returns table (tenant_id uuid, hook_id uuid)
  language sql stable security definer ${ownersPath} as $$
    select h.tenant_id, h.hook_id from public.hook h where h.address = wanted
  $$`;

const fits = (column: string, member: string): string =>
  `(h.rules -> 'on' ->> '${member}' is null or h.rules -> 'on' ->> '${member}' = ${column})`;

/** SQL: the hooks by which a task came, or the first ancestor of it. */
const hooksOf = (row: string): string => `coalesce(case when ${row}.root_id is null then ${row}.hooks else (
      select r.hooks from public.task_queue r where r.tenant_id = ${row}.tenant_id and r.task_id = ${row}.root_id
    ) end, '{}')`;

/** Characters of an error in an event. */
const maxError = 2_000;

// In the statement that ends the task, by the rights of whoever runs it: all may read hooks and write events of the tenant.
const noteFailure = `
  create function pulser.note_failed_task() returns trigger
  language plpgsql ${ownersPath} as $$
  begin
    -- Finds nothing in 5 us, the insert in 90.
    if not exists (select from public.hook where tenant_id = new.tenant_id and source = 'task.failed' and enabled) then
      return null;
    end if;
    insert into public.hook_event (tenant_id, hook_id, hooks, body)
    select h.tenant_id, h.hook_id, ${hooksOf('new')}, jsonb_build_object('type', h.source, 'timestamp', new.completed_at,
      'data', jsonb_build_object('task_id', new.task_id, 'task_type', new.task_type, 'agent', new.assigned_agent,
        'operation', nullif(new.operation, ''), 'attempts', new.attempts, 'root_id', coalesce(new.root_id, new.task_id),
        'error', jsonb_build_object('code', new.error ->> 'code', 'message', left(new.error ->> 'message', ${maxError}))))
    from public.hook h
    where h.tenant_id = new.tenant_id and h.source = 'task.failed' and h.enabled
      and ${fits('new.assigned_agent', 'agent')} and ${fits('new.task_type', 'task_type')}
      and ${fits('new.operation', 'operation')} and ${fits(`(new.error ->> 'code')`, 'code')};
    return null;
  end
  $$`;

const failureTrigger = `
  create trigger failed_task_hooks after update on task_queue for each row
  when (new.status = 'failed' and old.status <> 'failed') execute function pulser.note_failed_task()`;

const noteVersion = `
  create function pulser.note_dataset_version() returns trigger
  language plpgsql ${ownersPath} as $$
  begin
    insert into public.hook_event (tenant_id, hook_id, hooks, body)
    select h.tenant_id, h.hook_id, coalesce((
        select ${hooksOf('t')} from public.task_queue t where t.tenant_id = new.tenant_id and t.task_id = new.task_id
      ), '{}'), jsonb_build_object('type', h.source, 'timestamp', new.created_at, 'data', jsonb_build_object(
        'dataset', d.name, 'version', new.version, 'reference', 'dataset:' || d.name || '@' || new.version,
        'rows', new.row_count, 'rejected', new.rejected_count, 'task_id', new.task_id))
    from public.hook h join public.dataset d on d.tenant_id = h.tenant_id and d.dataset_id = new.dataset_id
    where h.tenant_id = new.tenant_id and h.source = 'dataset.version' and h.enabled and ${fits('d.name', 'dataset')};
    return null;
  end
  $$`;

const versionTrigger = `
  create trigger dataset_version_hooks after insert on dataset_version for each row
  execute function pulser.note_dataset_version()`;

const transitions = {
  insert: 'referencing new table as new_table',
  update: 'referencing old table as old_table new table as new_table',
  delete: 'referencing old table as old_table',
} as const;

const notes = 'fired_at,fired_task,refused_at,refused_reason,refused_detail';

const auditTrigger = ([command, referencing]: readonly [string, string]): string => `
  create trigger audit_${command} after ${command} on hook ${referencing} for each statement
  execute function pulser.audit_rows('hook', '{name}', '{${notes}}')`;

const everything = ['select', 'insert', 'update', 'delete'] as const;

/** Hooks, what has happened to which they are to be fired, and the signals that steps of workflows get. */
export class Hooks1763840000038 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table workflow_step add column result jsonb',
      'alter table task_queue add column hooks uuid[]',
      hook,
      ...tenantTable('hook', everything),
      event,
      ...tenantTable('hook_event', everything),
      ...indexes,
      ...comments,
      find,
      'create policy hook_lookup on hook for select to pulser_owner using (true)',
      'revoke execute on function pulser.find_hook(text) from public',
      'grant execute on function pulser.find_hook(text) to pulser_app, pulser_service',
      noteFailure,
      failureTrigger,
      noteVersion,
      versionTrigger,
      ...Object.entries(transitions).map(auditTrigger),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop trigger dataset_version_hooks on dataset_version',
      'drop function pulser.note_dataset_version()',
      'drop trigger failed_task_hooks on task_queue',
      'drop function pulser.note_failed_task()',
      'drop function pulser.find_hook(text)',
      'drop table hook_event',
      'drop table hook',
      'alter table task_queue drop column hooks',
      'alter table workflow_step drop column result',
    ]);
  }
}
