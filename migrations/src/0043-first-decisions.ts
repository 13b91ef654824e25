import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';

const before = `
  create or replace function pulser.notice_run() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $$
  begin
    insert into public.workflow_inbox (tenant_id, run_id, task_id)
    select new.tenant_id, r.task_id, new.task_id from public.workflow_run r
    where r.tenant_id = new.tenant_id
      and ((r.task_id = new.parent_id and new.completed_at is not null) or r.task_id = new.task_id);
    return null;
  end
  $$`;

// A run that began with its first decision has nothing to do when its task begins to wait, unless a step has ended or a signal
// has come before. A run that has its outcome is looked at until its task has ended, whatever else happens.
const after = `
  create or replace function pulser.notice_run() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $$
  begin
    insert into public.workflow_inbox (tenant_id, run_id, task_id)
    select new.tenant_id, r.task_id, new.task_id from public.workflow_run r
    where r.tenant_id = new.tenant_id and r.task_id in (new.parent_id, new.task_id) and r.ended_at is null and case
      when r.task_id <> new.task_id then new.completed_at is not null
      when new.completed_at is not null or r.revision = 0 then true
      else exists (select from public.workflow_inbox i where i.tenant_id = r.tenant_id and i.run_id = r.task_id)
        or exists (select from public.task_signal s where s.tenant_id = r.tenant_id and s.task_id = r.task_id
          and s.taken_by is null)
    end;
    return null;
  end
  $$`;

/** Runs of workflows are told of less: what they know already makes no notice. */
export class FirstDecisions1763840000043 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [after]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [before]);
  }
}
