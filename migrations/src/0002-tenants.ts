import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';
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

// Only a hash of the key is stored: SHA-256 of 256 random bits needs no salt and no slow function. Its unique key includes
// the tenant: the error of one without it would reveal that another tenant has the value.
const apiKey = `
  create table api_key (
    tenant_id uuid not null references tenant,
    key_id uuid not null default pulser.new_id(),
    name text not null,
    role text not null default 'viewer' check (role in ('viewer', 'operator', 'approver', 'admin')),
    allowed_task_types text[] check (cardinality(allowed_task_types) > 0),
    prefix text not null,
    key_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    rotated_from uuid,
    primary key (tenant_id, key_id),
    unique (key_hash, tenant_id),
    foreign key (tenant_id, rotated_from) references api_key
  )`;

const apiKeyComments = [
  `comment on column api_key.allowed_task_types is 'what tasks it may submit; null: of every type'`,
  `comment on column api_key.last_used_at is 'to the minute'`,
  `comment on column api_key.rotated_from is 'the key that this one replaces'`,
];

// The gateway may create keys and change how long they are valid, never their rights.
const apiKeyGrants = [
  'grant insert on api_key to pulser_app',
  'grant update (expires_at, last_used_at, revoked_at) on api_key to pulser_app',
];

// A key is looked up before its tenant is known: the only read that no tenant setting can guard.
const findKey = `
  create function pulser.find_api_key(wanted bytea) returns table (
    tenant_id uuid, key_id uuid, name text, role text, allowed_task_types text[], expires_at timestamptz,
    use_is_old boolean
  )
  language sql stable security definer ${ownersPath} as $$
    select k.tenant_id, k.key_id, k.name, k.role, k.allowed_task_types, k.expires_at,
      coalesce(k.last_used_at < now() - interval '1 minute', true)
    from public.api_key k
    where k.key_hash = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  $$`;

export class Tenants1763840000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      tenant,
      ...comments,
      ...tenantTable('tenant', ['select']),
      apiKey,
      ...apiKeyComments,
      ...tenantTable('api_key', ['select']),
      ...apiKeyGrants,
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
