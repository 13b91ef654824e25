import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';

/** Files that a notification names at most, and characters of an error in it. */
const maxArtifacts = 20;
const maxError = 2_000;

// In the statement that ends the task. A destination that is being deleted is passed over: the foreign key of its delivery
// would undo the end of the task.
const note = `
  create function pulser.note_task_end() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  declare
    wanted uuid[];
    noted uuid;
  begin
    select array_agg(d.destination_id) into wanted from (
      select destination_id from public.destination
      where tenant_id = new.tenant_id and name = any (new.notify) and confirmed_at is not null
      for key share skip locked
    ) d;
    if wanted is null then
      return null;
    end if;
    insert into public.notification (tenant_id, kind, content)
    values (new.tenant_id, 'task_end', jsonb_strip_nulls(jsonb_build_object(
      'task_id', new.task_id, 'task_type', new.task_type, 'operation', nullif(new.operation, ''), 'status', new.status,
      'error', left(new.error ->> 'message', ${maxError}), 'at', to_jsonb(new.completed_at),
      'schedule', (
        select name from public.schedule where tenant_id = new.tenant_id and schedule_id = new.schedule_id
      ),
      'artifacts', coalesce((
        select jsonb_agg(jsonb_build_object('task_id', new.task_id, 'name', a.name) order by a.name) from (
          select name from public.task_artifact where tenant_id = new.tenant_id and task_id = new.task_id
          order by name limit ${maxArtifacts}
        ) a
      ), '[]')
    ))) returning notification_id into noted;
    insert into public.notification_delivery (tenant_id, notification_id, destination_id, message_id)
    select new.tenant_id, noted, id, noted from unnest(wanted) as w(id);
    return null;
  end
  $$`;

// Tasks without destinations cost the condition.
const trigger = `
  create trigger task_end_notified after update on task_queue for each row
  when (new.notify is not null and old.completed_at is null and new.completed_at is not null)
  execute function pulser.note_task_end()`;

const ownersPolicies = [
  'create policy end_insert on notification for insert to pulser_owner with check (true)',
  'create policy end_insert on notification_delivery for insert to pulser_owner with check (true)',
  'create policy end_lookup on notification for select to pulser_owner using (true)',
  'create policy end_lookup on task_artifact for select to pulser_owner using (true)',
  'create policy end_lookup on schedule for select to pulser_owner using (true)',
];

const policies = {
  notification: ['end_insert', 'end_lookup'],
  notification_delivery: ['end_insert'],
  task_artifact: ['end_lookup'],
  schedule: ['end_lookup'],
} as const;

/** The end of a task is sent to the destinations that the task names. */
export class TaskEnds1763840000033 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table task_queue add column notify text[]',
      `comment on column task_queue.notify is 'names of the destinations that its end is sent to'`,
      ...ownersPolicies,
      note,
      'revoke execute on function pulser.note_task_end() from public',
      trigger,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop trigger task_end_notified on task_queue',
      'drop function pulser.note_task_end()',
      ...Object.entries(policies).flatMap(([table, names]) => names.map((name) => `drop policy ${name} on ${table}`)),
      'alter table task_queue drop column notify',
    ]);
  }
}
