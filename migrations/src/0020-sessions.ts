import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// A browser's login. It acts for a key, whose rights are read from the key each time, or for a person, whose rights are those
// that the identity provider said at the login. Only a hash of its secret is stored, for the reasons of `api_key`.
const session = `
  create table session (
    tenant_id uuid not null references tenant,
    session_id uuid not null default pulser.new_id(),
    secret_hash bytea not null,
    key_id uuid,
    subject text,
    display_name text,
    role text check (role in ('viewer', 'operator', 'approver', 'admin')),
    made_by text not null check (made_by in ('key', 'code', 'oidc')),
    user_agent text,
    network text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    idle_ends_at timestamptz not null,
    ends_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, session_id),
    unique (secret_hash, tenant_id),
    foreign key (tenant_id, key_id) references api_key,
    check (case when key_id is null then subject is not null and role is not null
      else subject is null and role is null end)
  )`;

// Makes one session, soon after it was made: the link that opens the page logged in.
const loginCode = `
  create table login_code (
    tenant_id uuid not null references tenant,
    code_id uuid not null default pulser.new_id(),
    code_hash bytea not null,
    key_id uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, code_id),
    unique (code_hash, tenant_id),
    foreign key (tenant_id, key_id) references api_key
  )`;

const comments = [
  `comment on column session.key_id is 'the key that it acts for; null: a person, by subject'`,
  `comment on column session.role is 'of a person, as the identity provider said at the login; null: the role of the key'`,
  `comment on column session.network is 'of the browser: the first 24 bits of an IPv4 address, 48 of an IPv6 address'`,
  `comment on column session.last_used_at is 'to the minute'`,
  `comment on column session.idle_ends_at is 'it ends then, unless it is used before'`,
  `comment on column session.ends_at is 'it ends then, however it is used'`,
];

const indexes = [
  'create index session_of_key on session (tenant_id, key_id, session_id)',
  'create index session_of_person on session (tenant_id, subject, session_id) where subject is not null',
  'create index session_end on session (ends_at)',
];

// A session is looked up before its tenant is known. What it may is read from its key: one that ended, ends its sessions.
const findSession = `
  create function pulser.find_session(wanted bytea) returns table (
    tenant_id uuid, session_id uuid, key_id uuid, name text, role text, allowed_task_types text[],
    expires_at timestamptz, use_is_old boolean
  )
  language sql stable security definer ${ownersPath} as $$
    select s.tenant_id, s.session_id, s.key_id, coalesce(k.name, s.subject), coalesce(k.role, s.role),
      k.allowed_task_types, least(s.idle_ends_at, s.ends_at, k.expires_at),
      s.last_used_at < now() - interval '1 minute'
    from public.session s left join public.api_key k on k.tenant_id = s.tenant_id and k.key_id = s.key_id
    where s.secret_hash = wanted and s.revoked_at is null and s.idle_ends_at > now() and s.ends_at > now()
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  $$`;

// One update: of two requests with the same code one gets a row.
const useLoginCode = `
  create function pulser.use_login_code(wanted bytea) returns table (tenant_id uuid, key_id uuid, name text)
  language sql volatile security definer ${ownersPath} as $$
    update public.login_code c set used_at = now() from public.api_key k
    where c.code_hash = wanted and c.used_at is null and c.expires_at > now()
      and k.tenant_id = c.tenant_id and k.key_id = c.key_id
    returning c.tenant_id, c.key_id, k.name
  $$`;

const functions = ['find_session(bytea)', 'use_login_code(bytea)'];

/** @param revocable SQL: whether a row that gets a `revoked_at` was revoked */
const auditVerb = (revocable: string): string => `
  create or replace function pulser.audit_verb(noun text, was jsonb, is_now jsonb) returns text
  language sql stable security definer ${ownersPath} as $$
    select case
      when was is null then 'created'
      when is_now is null then 'deleted'
      when ${revocable} and was ->> 'revoked_at' is null and is_now ->> 'revoked_at' is not null then 'revoked'
      when noun = 'key' and exists (select from public.api_key k
        where k.tenant_id = (is_now ->> 'tenant_id')::uuid and k.rotated_from = (is_now ->> 'key_id')::uuid
          and k.created_at = now()) then 'rotated'
      when noun = 'dead-letter' and was ->> 'state' = 'open' and is_now ->> 'state' <> 'open' then is_now ->> 'state'
      else 'changed'
    end
  $$`;

// Rows that ended are deleted by the upkeep, which is no deed of anybody.
const triggers = [
  `create trigger audit_insert after insert on session referencing new table as new_table for each statement
   execute function pulser.audit_rows('session', '{session_id}', '{last_used_at,idle_ends_at}')`,
  `create trigger audit_update after update on session referencing old table as old_table new table as new_table
   for each statement execute function pulser.audit_rows('session', '{session_id}', '{last_used_at,idle_ends_at}')`,
  `create trigger audit_insert after insert on login_code referencing new table as new_table for each statement
   execute function pulser.audit_rows('login-code', '{code_id}', '{}')`,
];

/** Logins of browsers: sessions, and codes that make one. */
export class Sessions1763840000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      session,
      loginCode,
      ...comments,
      ...indexes,
      ...tenantTable('session', ['select', 'insert']),
      // Never whose it is, nor what it may.
      'grant update (last_used_at, idle_ends_at, ends_at, revoked_at) on session to pulser_app',
      ...tenantTable('login_code', ['insert']),
      findSession,
      useLoginCode,
      // The functions run as the owner, whom FORCE binds too.
      'create policy session_lookup on session for select to pulser_owner using (true)',
      'create policy code_lookup on login_code for select to pulser_owner using (true)',
      'create policy code_use on login_code for update to pulser_owner using (true)',
      ...functions.map((name) => `revoke execute on function pulser.${name} from public`),
      ...functions.map((name) => `grant execute on function pulser.${name} to pulser_app, pulser_service`),
      auditVerb('true'),
      ...triggers,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...functions.map((name) => `drop function pulser.${name}`),
      'drop table login_code',
      'drop table session',
      auditVerb(`noun = 'key'`),
    ]);
  }
}
