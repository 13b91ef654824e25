import type { MigrationInterface, QueryRunner } from 'typeorm';

import { ownersPath, runAsOwner } from './sql/owner.js';

// A browser's login with a key of the installation. As that key it has no tenant, and no role is granted anything on it: what
// services may do with it are functions. Only a hash of its secret is stored, for the reasons of `api_key`.
const installationSession = `
  create table installation_session (
    session_id uuid primary key default pulser.new_id(),
    secret_hash bytea not null unique,
    key_id uuid not null references installation_key,
    user_agent text,
    network text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    idle_ends_at timestamptz not null,
    ends_at timestamptz not null,
    revoked_at timestamptz
  )`;

const comments = [
  `comment on table installation_session is 'logins of browsers with keys of the installation; tenants have session'`,
  `comment on column installation_session.network is 'of the browser: the first 24 bits of an IPv4 address, 48 of an IPv6 address'`,
  `comment on column installation_session.last_used_at is 'to the minute'`,
  `comment on column installation_session.idle_ends_at is 'it ends then, unless it is used before'`,
  `comment on column installation_session.ends_at is 'it ends then, however it is used'`,
];

const isOpen = 's.revoked_at is null and s.idle_ends_at > now() and s.ends_at > now()';

const shown = `session_id uuid, key_id uuid, name text, role text, created_at timestamptz, last_used_at timestamptz,
    idle_ends_at timestamptz, ends_at timestamptz, user_agent text, network text`;

const shownColumns = `s.session_id, s.key_id, k.name, k.role, s.created_at, s.last_used_at, s.idle_ends_at, s.ends_at,
      s.user_agent, s.network`;

// A session ends with its key, and what it may is read from the key each time.
const find = `
  create function pulser.find_installation_session(wanted bytea) returns table (
    session_id uuid, key_id uuid, name text, role text, expires_at timestamptz, use_is_old boolean
  )
  language sql stable security definer ${ownersPath} as $$
    select s.session_id, s.key_id, k.name, k.role, least(s.idle_ends_at, s.ends_at, k.expires_at),
      s.last_used_at < now() - interval '1 minute'
    from public.installation_session s join public.installation_key k on k.key_id = s.key_id
    where s.secret_hash = wanted and ${isOpen}
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  $$`;

const noteUse = `
  create function pulser.note_installation_session_use(key uuid, session uuid, idle_s float8) returns void
  language sql volatile security definer ${ownersPath} as $$
    update public.installation_session s set last_used_at = now(), idle_ends_at = now() + make_interval(secs => idle_s)
    where s.session_id = session and s.key_id = key and ${isOpen} and s.last_used_at < now() - interval '1 minute'
  $$`;

// Beyond the newest ones of a key its sessions end. Those that ended more than a day ago are deleted: no service of the
// pipeline may do it.
const open = `
  create function pulser.open_installation_session(key uuid, author jsonb, secret bytea, agent text, net text,
    idle_s float8, max_s float8, most int) returns table (${shown})
  language plpgsql volatile security definer ${ownersPath} as $$
  #variable_conflict use_column
  declare
    made uuid;
  begin
    perform pulser.require_installation_key(key, 'viewer');
    perform set_config('app.actor', author::text, true);
    delete from public.installation_session s where s.ends_at <= now() - interval '1 day';
    insert into public.installation_session as s (secret_hash, key_id, user_agent, network, idle_ends_at, ends_at)
      values (secret, key, agent, net, now() + make_interval(secs => idle_s), now() + make_interval(secs => max_s))
      returning s.session_id into made;
    update public.installation_session s set revoked_at = now(), ends_at = least(s.ends_at, now())
      where s.key_id = key and ${isOpen} and s.session_id not in (
        select n.session_id from public.installation_session n where n.key_id = key
          and n.revoked_at is null and n.idle_ends_at > now() and n.ends_at > now()
        order by n.session_id desc limit most);
    return query select ${shownColumns}
      from public.installation_session s join public.installation_key k using (key_id) where s.session_id = made;
  end
  $$`;

const mayEveryones = `exists (select from public.installation_key own where own.key_id = key and own.role = 'admin')`;

const list = `
  create function pulser.installation_sessions(key uuid, before uuid, most int) returns table (${shown})
  language plpgsql stable security definer ${ownersPath} as $$
  #variable_conflict use_column
  begin
    perform pulser.require_installation_key(key, 'viewer');
    return query select ${shownColumns}
      from public.installation_session s join public.installation_key k using (key_id)
      where ${isOpen} and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
        and (s.key_id = key or ${mayEveryones}) and (before is null or s.session_id < before)
      order by s.session_id desc limit most;
  end
  $$`;

const end = `
  create function pulser.end_installation_session(key uuid, author jsonb, session uuid) returns boolean
  language plpgsql volatile security definer ${ownersPath} as $$
  begin
    perform pulser.require_installation_key(key, 'viewer');
    perform set_config('app.actor', author::text, true);
    update public.installation_session s set revoked_at = now(), ends_at = least(s.ends_at, now())
      where s.session_id = session and ${isOpen} and (s.key_id = key or ${mayEveryones});
    return found;
  end
  $$`;

const functions = [
  'end_installation_session(uuid, jsonb, uuid)',
  'installation_sessions(uuid, uuid, int)',
  'open_installation_session(uuid, jsonb, bytea, text, text, float8, float8, int)',
  'note_installation_session_use(uuid, uuid, float8)',
  'find_installation_session(bytea)',
];

// A row that ended and is deleted is no deed of anybody.
const triggers = [
  ['insert', 'referencing new table as new_table'],
  ['update', 'referencing old table as old_table new table as new_table'],
].map(
  ([event, referencing]) => `
  create trigger audit_${event} after ${event} on installation_session ${referencing} for each statement
  execute function pulser.audit_rows('session', '{session_id}', '{last_used_at,idle_ends_at}')`,
);

/** Logins of browsers with keys of the installation. */
export class InstallationSessions1763840000026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      installationSession,
      'create index installation_session_of_key on installation_session (key_id, session_id)',
      'create index installation_session_end on installation_session (ends_at)',
      ...comments,
      ...triggers,
      find,
      noteUse,
      open,
      list,
      end,
      ...functions.map((name) => `revoke execute on function pulser.${name} from public`),
      ...functions.map((name) => `grant execute on function pulser.${name} to pulser_app`),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...functions.map((name) => `drop function pulser.${name}`),
      'drop table installation_session',
    ]);
  }
}
