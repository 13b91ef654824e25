import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath } from './sql/owners-path.js';
import { runAsOwner } from './sql/run.js';
import { tenantTable } from './sql/tenant-table.js';

const tenant = `
  create table tenant (
    tenant_id uuid primary key default pulser.new_id(),
    name text not null unique check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    weight int not null default 1 check (weight between 1 and 1000),
    max_waiting int check (max_waiting > 0),
    retention_days int check (retention_days > 0),
    created_at timestamptz not null default now()
  )`;

const comments = [
  `comment on column tenant.weight is 'share of an agent beside other tenants that wait with the same priority'`,
  `comment on column tenant.max_waiting is 'most tasks that may wait; null: the default of the installation'`,
  `comment on column tenant.retention_days is 'days that ended tasks are kept; null: the default of the installation'`,
];

// Only a hash of the key is kept: SHA-256 of 256 random bits needs no salt and no slow function.
const apiKey = `
  create table api_key (
    tenant_id uuid not null references tenant,
    key_id uuid not null default pulser.new_id(),
    name text not null,
    prefix text not null,
    key_hash bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    primary key (tenant_id, key_id)
  )`;

// A key is looked up before its tenant is known: the one read that no tenant setting can guard.
const findKey = `
  create function pulser.find_api_key(wanted bytea) returns table (tenant_id uuid, key_id uuid)
  language sql stable security definer ${ownersPath} as $$
    select k.tenant_id, k.key_id from public.api_key k
    where k.key_hash = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  $$`;

export class Tenants1763840000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      tenant,
      ...comments,
      ...tenantTable('tenant', ['select']),
      apiKey,
      ...tenantTable('api_key', ['select']),
      findKey,
      // The function runs as the owner, whom FORCE binds too.
      'create policy key_lookup on api_key for select to pulser_owner using (true)',
      'revoke execute on function pulser.find_api_key from public',
      'grant execute on function pulser.find_api_key to pulser_app, pulser_service',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop function pulser.find_api_key', 'drop table api_key', 'drop table tenant']);
  }
}
