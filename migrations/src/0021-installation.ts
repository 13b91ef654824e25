import type { MigrationInterface, QueryRunner } from 'typeorm';

import { auditRows } from './sql/audit-functions.js';
import {
  everyTrail,
  installationAudit,
  installationAuditNames,
  installationTables,
  installationVerb,
} from './sql/installation-audit.js';
import { installationDeeds, installationDeedNames } from './sql/installation-deeds.js';
import { ownersPath, runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// A principal without a tenant. No role is granted anything on it: what services may do with it are functions.
const installationKey = `
  create table installation_key (
    key_id uuid primary key default pulser.new_id(),
    name text not null,
    role text not null check (role in ('viewer', 'operator', 'admin')),
    prefix text not null,
    key_hash bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`;

// Finds a key, and notes its use once a minute: pulser_app cannot write the note itself.
const findKey = `
  create function pulser.find_installation_key(wanted bytea) returns table (
    key_id uuid, name text, role text, expires_at timestamptz
  )
  language sql volatile security definer ${ownersPath} as $$
    update public.installation_key k set last_used_at = now()
    where k.key_hash = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and coalesce(k.last_used_at < now() - interval '1 minute', true);
    select k.key_id, k.name, k.role, k.expires_at from public.installation_key k
    where k.key_hash = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  $$`;

const rateBucket = `
  create unlogged table installation_bucket (
    bucket text primary key,
    tokens float8 not null,
    granted int not null,
    refilled_at timestamptz not null default now()
  )`;

// As the statement of rate_bucket, which needs a tenant.
const available = `least(burst, b.tokens + per_s * extract(epoch from now() - b.refilled_at)::float8)`;

const takeTokens = `
  create function pulser.take_installation_tokens(of_bucket text, burst float8, per_s float8, wanted int)
  returns table (granted int, tokens float8)
  language sql volatile security definer ${ownersPath} as $$
    insert into public.installation_bucket as b (bucket, tokens, granted)
    values (of_bucket, burst - least(wanted, floor(burst)), least(wanted, floor(burst)))
    on conflict (bucket) do update set refilled_at = now(),
      granted = least(wanted, floor(${available})), tokens = ${available} - least(wanted, floor(${available}))
    returning b.granted, b.tokens
  $$`;

const tenantSecret = `
  create table tenant_secret (
    tenant_id uuid not null references tenant,
    name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    ciphertext bytea not null,
    nonce bytea not null check (octet_length(nonce) = 12),
    key_id text not null,
    hosts jsonb not null default '[]',
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp(),
    updated_by text not null,
    primary key (tenant_id, name)
  )`;

const comments = [
  `comment on table installation_key is 'keys of operators, who act on what all tenants share'`,
  `comment on column installation_key.last_used_at is 'to the minute'`,
  `comment on table tenant_secret is 'values that tasks and services use by name; nothing shows them'`,
  `comment on column tenant_secret.ciphertext is 'AES-256-GCM with its tag; bound to tenant, name, version and hosts'`,
  `comment on column tenant_secret.key_id is 'which key of SECRETS_KEY it is encrypted with'`,
  `comment on column tenant_secret.hosts is 'where tasks may send it; none: services alone use it'`,
  `comment on column tenant_secret.version is 'counts the changes of the value, and is a part of what the ciphertext is bound to'`,
];

const transitions = {
  insert: 'referencing new table as new_table',
  update: 'referencing old table as old_table new table as new_table',
  delete: 'referencing old table as old_table',
} as const;

interface Audited {
  readonly table: string;
  readonly noun: string;
  readonly id: string;
  /** Columns that change without an actor, or must not be in a digest. */
  readonly ignored: readonly string[];
}

// The digests of a secret are of what everybody may know of it: a digest of a short value could be guessed.
const audited: readonly Audited[] = [
  { table: 'installation_key', noun: 'installation-key', id: 'key_id', ignored: ['last_used_at'] },
  { table: 'admitted_agent', noun: 'agent', id: 'agent_name', ignored: ['admitted_at'] },
  { table: 'tenant_secret', noun: 'secret', id: 'name', ignored: ['ciphertext', 'nonce', 'key_id'] },
];

const triggers = ({ table, noun, id, ignored }: Audited): string[] =>
  Object.entries(transitions).map(
    ([event, referencing]) => `
  create trigger audit_${event} after ${event} on ${table} ${referencing} for each statement
  execute function pulser.audit_rows('${noun}', '{${id}}', '{${ignored.join(',')}}')`,
  );

// The end of a key or an admission is read from the row, as that of a tenant's key is.
const replaced = (rows: string): string => rows.replace('create function', 'create or replace function');

// Policies for the functions that run as the owner, on rows that no tenant has.
const policies = [
  `create policy pause_for_all on task_pause for insert to pulser_owner with check (tenant_id is null)`,
  `create policy resume_for_all on task_pause for delete to pulser_owner using (tenant_id is null)`,
  `create policy resume_for_all on task_queue for update to pulser_owner using (true)`,
];

/** All but the check, which the others make. Services of the pipeline have the rights of gateways. */
const forGateways = installationDeedNames.filter((name) => !name.startsWith('require_'));

const ownNames = ['find_installation_key(bytea)', 'take_installation_tokens(text, float8, float8, int)'];

/** Keys, pauses and the audit trail of the installation; secrets of tenants. */
export class Installation1763840000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      installationKey,
      findKey,
      rateBucket,
      takeTokens,
      ...installationTables,
      ...installationAudit,
      replaced(auditRows(installationVerb, everyTrail)),
      ...policies,
      ...installationDeeds,
      tenantSecret,
      ...tenantTable('tenant_secret', ['select', 'insert', 'update', 'delete']),
      ...comments,
      ...audited.flatMap(triggers),
      ...[...installationAuditNames, ...installationDeedNames, ...ownNames].map(
        (name) => `revoke execute on function pulser.${name} from public`,
      ),
      ...[...forGateways, ...ownNames].map((name) => `grant execute on function pulser.${name} to pulser_app`),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...['insert', 'update', 'delete'].map((event) => `drop trigger audit_${event} on admitted_agent`),
      'drop table tenant_secret',
      ...installationDeedNames.map((name) => `drop function pulser.${name}`),
      'drop policy resume_for_all on task_queue',
      'drop policy resume_for_all on task_pause',
      'drop policy pause_for_all on task_pause',
      replaced(auditRows('pulser.audit_verb(tg_argv[0], was, is_now)')),
      ...ownNames.map((name) => `drop function pulser.${name}`),
      'drop table installation_bucket',
      'drop table installation_key',
      ...installationAuditNames.map((name) => `drop function pulser.${name}`),
      'drop table installation_audit_head',
      'drop table installation_audit',
    ]);
  }
}
