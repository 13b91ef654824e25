import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';

const partitioned = ['task_queue', 'task_event', 'task_artifact', 'task_effect', 'agent_telemetry'];

// One partition per week, some weeks ahead, and a default one, so that inserts succeed even if the maintenance is late.
const ensurePartitions = `
  create function pulser.ensure_partitions(weeks_ahead int default 4) returns int
  language plpgsql security definer ${ownersPath} as $$
  declare
    parent text; week timestamptz; child text; made int := 0;
  begin
    perform pg_advisory_xact_lock(hashtext('pulser.ensure_partitions'));
    foreach parent in array array[${partitioned.map((table) => `'${table}'`).join(', ')}] loop
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

const defaultPartition = (table: string): string[] => [
  `create table if not exists ${table}_default partition of ${table} default`,
  `alter table ${table}_default enable row level security`,
  `alter table ${table}_default force row level security`,
];

export class Partitions1763840000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...partitioned.flatMap(defaultPartition),
      ensurePartitions,
      'revoke execute on function pulser.ensure_partitions from public',
      'grant execute on function pulser.ensure_partitions to pulser_service',
      'select pulser.ensure_partitions()',
    ]);
  }

  // The partitions hold rows: they stay until their tables are dropped.
  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop function pulser.ensure_partitions']);
  }
}
