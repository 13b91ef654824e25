import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// What a tenant's administrators decide for their tasks. Names and shapes belong to the code that reads them.
const tenantSetting = `
  create table tenant_setting (
    tenant_id uuid not null references tenant,
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    value jsonb not null,
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp(),
    updated_by text not null,
    primary key (tenant_id, name)
  )`;

const transitions = {
  insert: 'referencing new table as new_table',
  update: 'referencing old table as old_table new table as new_table',
  delete: 'referencing old table as old_table',
} as const;

const trigger = ([event, referencing]: readonly [string, string]): string => `
  create trigger audit_${event} after ${event} on tenant_setting ${referencing} for each statement
  execute function pulser.audit_rows('setting', '{name}', '{}')`;

export class Settings1763840000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      tenantSetting,
      `comment on table tenant_setting is 'one row per setting that differs from its default'`,
      `comment on column tenant_setting.version is 'counts the changes of a row: a part of its entity tag'`,
      ...tenantTable('tenant_setting', ['select', 'insert', 'update', 'delete']),
      ...Object.entries(transitions).map(trigger),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table tenant_setting']);
  }
}
