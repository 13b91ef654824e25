// The functions that make the partitions of coming weeks and drop those that have expired, for the tables that there are. A
// migration that adds a partitioned table replaces them.
import { ownersPath } from './owner.js';

/** Tables that are partitioned by week of the id of a task. */
export interface Partitioned {
  /** Tables of which partitions are made. */
  readonly made: readonly string[];
  /** Those whose partitions are dropped together when all tasks of their week have expired, in this order. */
  readonly dropped: readonly string[];
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** One partition per week, some weeks ahead. */
export const ensurePartitions = ({ made }: Partitioned): string => `
  create or replace function pulser.ensure_partitions(weeks_ahead int default 4) returns int
  language plpgsql security definer ${ownersPath} as $$
  declare
    parent text; week timestamptz; child text; made int := 0;
  begin
    perform pg_advisory_xact_lock(hashtext('pulser.ensure_partitions'));
    foreach parent in array array[${list(made)}] loop
      for n in 0 .. weeks_ahead loop
        week := date_trunc('week', now(), 'UTC') + make_interval(weeks => n);
        child := format('%s_%s', parent, to_char(week at time zone 'UTC', 'IYYY"w"IW'));
        continue when to_regclass('public.' || child) is not null;
        execute format('create table public.%I partition of public.%I for values from (%L) to (%L)',
          child, parent, pulser.id_floor(week), pulser.id_floor(week + interval '1 week'));
        execute format('alter table public.%I enable row level security', child);
        execute format('alter table public.%I force row level security', child);
        execute format('alter table public.%I set (autovacuum_vacuum_scale_factor = 0.05)', child);
        made := made + 1;
      end loop;
    end loop;
    return made;
  end $$`;

/**
 * Drops the partitions of weeks in which no task is open and every task is past the retention of its tenant. A partition
 * that is in use at this moment is left for the next run: statements on the table would queue behind a wait for its lock.
 */
const dropping = ({ dropped }: Partitioned, keptWithOthers: string): string => `
  create or replace function pulser.drop_expired_partitions(usual_days int) returns text[]
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
          and (t.completed_at is null or t.completed_at > now() - pulser.retention(n.retention_days, $1)${keptWithOthers}))'
        using usual_days, pulser.id_floor(starts), pulser.id_floor(starts + interval '1 week') into kept;
      continue when kept;
      begin
        foreach parent in array array[${list(dropped)}] loop
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

/** By the tasks of a week alone. */
export const dropExpired = (tables: Partitioned): string => dropping(tables, '');

/** A task is kept as long as the first one of its ancestors is open or kept. */
export const dropExpiredByRoot = (tables: Partitioned): string =>
  dropping(
    tables,
    `
            or t.root_id is not null and exists (select from public.task_queue r
              where r.tenant_id = t.tenant_id and r.task_id = t.root_id and (r.completed_at is null
                or r.completed_at > now() - pulser.retention(n.retention_days, $1)))`,
  );

/** SQL: where rows go whose week has no partition. */
export const defaultPartition = (table: string): string[] => [
  `create table ${table}_default partition of ${table} default`,
  `alter table ${table}_default enable row level security`,
  `alter table ${table}_default force row level security`,
];

/** SQL: a partition of new tables for each week that tasks have one for: what belongs to them is dropped with them. */
export const pastPartitions = (tables: readonly string[]): string => `
  do $$
  declare
    week text; starts timestamptz; parent text; child text;
  begin
    for week in
      select right(c.relname, 7) from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.task_queue'::regclass and c.relname ~ '_[0-9]{4}w[0-9]{2}$'
    loop
      starts := to_timestamp(week, 'IYYY"w"IW')::timestamp at time zone 'UTC';
      foreach parent in array array[${tables.map((table) => `'${table}'`).join(', ')}] loop
        child := parent || '_' || week;
        execute format('create table public.%I partition of public.%I for values from (%L) to (%L)',
          child, parent, pulser.id_floor(starts), pulser.id_floor(starts + interval '1 week'));
        execute format('alter table public.%I enable row level security', child);
        execute format('alter table public.%I force row level security', child);
      end loop;
    end loop;
  end $$`;
