import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';

// How long a tenant's ended tasks are kept.
const retention = `
  create function pulser.retention(tenant_days int, usual_days int) returns interval
  language sql immutable parallel safe as 'select make_interval(days => coalesce(tenant_days, usual_days))'`;

// Drops the partitions of weeks in which no task is open and every task is past the retention of its tenant. A partition
// that is in use at this moment is left for the next run: statements on the table would queue behind a wait for its lock.
const dropExpired = `
  create function pulser.drop_expired_partitions(usual_days int) returns text[]
  language plpgsql security definer ${ownersPath} set lock_timeout = '1s' as $$
  declare
    week text; starts timestamptz; kept boolean; parent text; dropped text[] := '{}';
    shortest int := least(usual_days, (select min(retention_days) from public.tenant));
  begin
    if not pg_try_advisory_xact_lock(hashtext('pulser.drop_expired_partitions')) then return dropped; end if;
    for week in
      select right(c.relname, 7) from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.task_queue'::regclass and c.relname ~ '_[0-9]{4}w[0-9]{2}$' order by 1
    loop
      starts := to_timestamp(week, 'IYYY"w"IW')::timestamp at time zone 'UTC';
      continue when starts + interval '1 week' > now() - make_interval(days => shortest);
      -- Through the parent: no policy shows the owner a row of a partition, so that every week would look empty.
      execute 'select exists (select from public.task_queue t join public.tenant n using (tenant_id)
        where t.task_id >= $2 and t.task_id < $3
          and (t.completed_at is null or t.completed_at > now() - pulser.retention(n.retention_days, $1)))'
        using usual_days, pulser.id_floor(starts), pulser.id_floor(starts + interval '1 week') into kept;
      continue when kept;
      begin
        foreach parent in array array['task_effect', 'task_artifact', 'task_event', 'task_queue'] loop
          execute format('drop table if exists public.%I', parent || '_' || week);
        end loop;
        delete from public.dead_letter where task_id >= pulser.id_floor(starts)
          and task_id < pulser.id_floor(starts + interval '1 week');
        dropped := dropped || week;
      exception when lock_not_available then null;
      end;
    end loop;
    return dropped;
  end $$`;

const dropTelemetry = `
  create function pulser.drop_expired_telemetry(usual_days int) returns text[]
  language plpgsql security definer ${ownersPath} set lock_timeout = '1s' as $$
  declare
    child text; dropped text[] := '{}';
  begin
    for child in
      select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.agent_telemetry'::regclass and c.relname ~ '_[0-9]{4}w[0-9]{2}$'
        and (to_timestamp(right(c.relname, 7), 'IYYY"w"IW')::timestamp at time zone 'UTC')
          + interval '1 week' <= now() - make_interval(days => usual_days)
      order by 1
    loop
      begin
        execute format('drop table public.%I', child);
        dropped := dropped || child;
      exception when lock_not_available then null;
      end;
    end loop;
    return dropped;
  end $$`;

const functions = ['drop_expired_partitions', 'drop_expired_telemetry'];

export class Retention1763840000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      retention,
      dropExpired,
      dropTelemetry,
      // The functions run as the owner, whom FORCE binds too.
      'create policy retention_check on tenant for select to pulser_owner using (true)',
      'create policy retention_check on task_queue for select to pulser_owner using (true)',
      'create policy retention_check on dead_letter for select to pulser_owner using (true)',
      'create policy retention on dead_letter for delete to pulser_owner using (true)',
      ...functions.map((name) => `revoke execute on function pulser.${name} from public`),
      ...functions.map((name) => `grant execute on function pulser.${name} to pulser_service`),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...functions.map((name) => `drop function pulser.${name}`),
      'drop function pulser.retention',
      'drop policy retention_check on tenant',
      'drop policy retention_check on task_queue',
      'drop policy retention_check on dead_letter',
      'drop policy retention on dead_letter',
    ]);
  }
}
