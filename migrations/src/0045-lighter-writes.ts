import type { MigrationInterface, QueryRunner } from 'typeorm';

import { auditRows, nothingWritten } from './sql/audit-functions.js';
import { dropFollowInserted, followInserted } from './sql/inserted-tasks.js';
import { everyTrail, installationVerb } from './sql/installation-audit.js';
import { runAsOwner } from './sql/owner.js';
import { countInsertedAlone, dropCountInsertedAlone } from './sql/task-deltas.js';
import { dropNoteInsertedAlone, noteInsertedAlone } from './sql/task-facets.js';

/** As in 0024: tasks of Pulser itself. */
const systemTenant = '00000000-0000-8000-8000-000000000000';

const ended = 'old.completed_at is null and new.completed_at is not null';

/** What happens when a task ends, and on which condition. */
const ends: Readonly<Record<string, readonly [when: string, call: string]>> = {
  audit_cancel: [`new.status = 'cancelled' and old.status <> 'cancelled'`, 'audit_cancel'],
  scheduled_task_end: [`new.schedule_id is not null and ${ended}`, 'end_fire'],
  task_end_notified: [`new.notify is not null and ${ended}`, 'note_task_end'],
  failed_task_hooks: [`new.status = 'failed' and old.status <> 'failed'`, 'note_failed_task'],
  withdraw_approvals: [`old.status = 'waiting' and new.completed_at is not null`, 'withdraw_approvals'],
};

/** @param columns the conditions are read, once a statement, only by statements that set one of them; undefined: by all */
const endTriggers = (columns?: string): string[] =>
  Object.entries(ends).flatMap(([name, [when, call]]) => [
    `drop trigger ${name} on task_queue`,
    `create trigger ${name} after update ${columns === undefined ? '' : `of ${columns} `}on task_queue for each row
     when (${when}) execute function pulser.${call}()`,
  ]);

/** Columns for readers of the table: what they hold is worked out when it is written, or when it is read. */
const derived = (kind: 'stored' | 'virtual'): string[] => [
  'alter table task_queue drop column error_message, drop column retry_count',
  `alter table task_queue add column error_message text generated always as (error ->> 'message') ${kind},
     add column retry_count int generated always as (greatest(attempts - 1, 0)) ${kind}`,
];

const tenantKey = 'task_queue_tenant_id_fkey';

const audit = (first = ''): string =>
  auditRows(installationVerb, everyTrail, first).replace('create function', 'create or replace function');

/**
 * What writes of tasks cost beside the rows: a task that is inserted, claimed and completed took a third more processor time
 * for keys, triggers and derived columns than without any.
 */
export class LighterWrites1763840000045 implements MigrationInterface {
  readonly explained = {
    drop: 'The two columns come back under their names in the same transaction, and the functions were called by triggers alone',
  };

  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...dropCountInsertedAlone,
      ...dropNoteInsertedAlone,
      `alter table task_queue drop constraint ${tenantKey}`,
      ...followInserted(systemTenant),
      ...endTriggers('completed_at'),
      ...derived('virtual'),
      audit(nothingWritten),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      audit(),
      ...derived('stored'),
      ...endTriggers(),
      ...dropFollowInserted,
      `alter table task_queue add constraint ${tenantKey} foreign key (tenant_id) references tenant`,
      ...noteInsertedAlone(systemTenant),
      ...countInsertedAlone(systemTenant),
    ]);
  }
}
