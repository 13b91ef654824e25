import { ownersPath } from './owner.js';

// The trail of what no tenant owns: one chain, in the form of audit_entry, whose hash it shares.
const entry = `
  create table installation_audit (
    seq bigint primary key,
    at timestamptz not null,
    actor jsonb not null,
    action text not null,
    targets text[] not null,
    outcome text not null check (outcome in ('done', 'refused')),
    before_digest bytea,
    after_digest bytea,
    previous_hash bytea,
    hash bytea not null
  )`;

// Its only row is the lock that serializes the entries.
const head = `
  create table installation_audit_head (
    single boolean primary key default true check (single),
    seq bigint not null,
    hash bytea
  )`;

const append = `
  create function pulser.append_installation_audit(wanted public.audit_entry) returns void
  language plpgsql security definer ${ownersPath} as $$
  declare
    e public.audit_entry := wanted;
  begin
    insert into public.installation_audit_head as h (seq) values (1)
      on conflict (single) do update set seq = h.seq + 1 returning h.seq, h.hash into e.seq, e.previous_hash;
    e.tenant_id := null;
    e.at := clock_timestamp();
    e.actor := coalesce(nullif(current_setting('app.actor', true), '')::jsonb,
      jsonb_build_object('kind', 'system', 'name', session_user));
    e.hash := pulser.audit_hash(e);
    insert into public.installation_audit values (e.seq, e.at, e.actor, e.action, e.targets, e.outcome,
      e.before_digest, e.after_digest, e.previous_hash, e.hash);
    update public.installation_audit_head set hash = e.hash;
  end
  $$`;

const appendToTrail = `
  create function pulser.append_to_trail(tenant uuid, wanted public.audit_entry) returns void
  language plpgsql security definer ${ownersPath} as $$
  begin
    if tenant is null then
      perform pulser.append_installation_audit(wanted);
    else
      perform pulser.append_audit(tenant, wanted);
    end if;
  end
  $$`;

/** For `auditRows`: a row without a tenant stands in the trail of the installation. */
export const everyTrail = { recorded: 'true', append: 'append_to_trail' };

export const installationTables = [
  entry,
  head,
  `comment on table installation_audit is 'who changed what all tenants share: append-only, chained like audit_entry'`,
];

export const installationAudit = [append, appendToTrail];

/** Their signatures, in an order in which they can be dropped. */
export const installationAuditNames = [
  'append_to_trail(uuid, public.audit_entry)',
  'append_installation_audit(public.audit_entry)',
];

/** SQL: what was done to a row of an audited table, that of an installation or of a tenant. */
export const installationVerb = `case
  when tg_argv[0] in ('installation-key', 'agent') and was is not null and is_now is not null
    and was ->> 'revoked_at' is null and is_now ->> 'revoked_at' is not null then 'revoked'
  else pulser.audit_verb(tg_argv[0], was, is_now) end`;
