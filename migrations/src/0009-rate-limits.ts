import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// Unlogged: after a crash of the database the buckets are full again, which does no harm.
const rateBucket = `
  create unlogged table rate_bucket (
    tenant_id uuid not null references tenant,
    bucket text not null,
    tokens float8 not null,
    granted int not null,
    refilled_at timestamptz not null default now(),
    primary key (tenant_id, bucket)
  )`;

const dayUse = `
  create table tenant_day (
    tenant_id uuid not null references tenant,
    day date not null,
    tasks int not null,
    granted int not null,
    primary key (tenant_id, day)
  )`;

const comments = [
  `comment on column rate_bucket.granted is 'tokens that the last taker was given'`,
  `comment on column tenant_day.tasks is 'tasks of the day that gateways may accept or have accepted'`,
  `comment on column tenant.max_daily is 'tasks that may be submitted a day (UTC); null: the default of the installation'`,
];

export class RateLimits1763840000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      rateBucket,
      ...tenantTable('rate_bucket', ['select', 'insert', 'update']),
      dayUse,
      ...tenantTable('tenant_day', ['select', 'insert', 'update']),
      'alter table tenant add column max_daily int check (max_daily > 0)',
      ...comments,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table tenant drop column max_daily',
      'drop table tenant_day',
      'drop table rate_bucket',
    ]);
  }
}
