import { ownersPath } from './owner.js';

// Hashes every column except the hash itself, in a form that depends on no setting of the session.
const auditHash = `
  create function pulser.audit_hash(e public.audit_entry) returns bytea
  language sql immutable parallel safe set search_path = '' as $$
    select sha256(convert_to(jsonb_build_array(
      e.tenant_id, e.seq, extract(epoch from e.at), e.actor, e.action, e.targets, e.outcome,
      encode(e.before_digest, 'hex'), encode(e.after_digest, 'hex'),
      encode(e.previous_hash, 'hex'))::text, 'UTF8'))
  $$`;

// Runs as the owner: no other role may add an entry, and no role may change one.
const appendAudit = `
  create function pulser.append_audit(tenant uuid, wanted public.audit_entry) returns void
  language plpgsql security definer ${ownersPath} as $$
  declare
    e public.audit_entry := wanted;
  begin
    insert into public.audit_head as h (tenant_id, seq) values (tenant, 1)
      on conflict (tenant_id) do update set seq = h.seq + 1 returning h.seq, h.hash into e.seq, e.previous_hash;
    e.tenant_id := tenant;
    e.at := clock_timestamp();
    e.actor := coalesce(nullif(current_setting('app.actor', true), '')::jsonb,
      jsonb_build_object('kind', 'system', 'name', session_user));
    e.hash := pulser.audit_hash(e);
    insert into public.audit_entry select (e).*;
    update public.audit_head set hash = e.hash where tenant_id = tenant;
  end
  $$`;

const rowDigest = `
  create function pulser.digest(rows jsonb) returns bytea
  language sql immutable parallel safe set search_path = '' as
    'select sha256(convert_to(rows::text, ''UTF8''))'`;

const ofTenants = { recorded: 'tenant is not null', append: 'append_audit' };

/**
 * One entry per statement, tenant and verb. Arguments of the trigger: noun, columns that name a row, columns that change
 * without an actor. A key that ends soon anyhow is rotated although nothing of its row changes.
 * @param verb SQL of what was done, of `tg_op` and the columns `was` and `is_now` of a row
 * @param trail which rows are recorded, and the function that takes their entry: without, those of tenants
 * @param first PL/pgSQL, when the rows are read
 */
export const auditRows = (verb: string, trail = ofTenants, first = ''): string => `
  create function pulser.audit_rows() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  declare
    old_rows jsonb := '[]';
    new_rows jsonb := '[]';
    change record;
  begin
    if tg_op <> 'INSERT' then
      select coalesce(jsonb_agg(to_jsonb(o) - tg_argv[2]::text[]), '[]') into old_rows from old_table o;
    end if;
    if tg_op <> 'DELETE' then
      select coalesce(jsonb_agg(to_jsonb(n) - tg_argv[2]::text[]), '[]') into new_rows from new_table n;
    end if;${first}
    for change in
      with named as (
        select row, 'old' as side from jsonb_array_elements(old_rows) row
        union all select row, 'new' from jsonb_array_elements(new_rows) row
      ), paired as (
        select row ->> 'tenant_id' as tenant,
          (select string_agg(row ->> c, '/' order by n) from unnest(tg_argv[1]::text[]) with ordinality u(c, n)) as target,
          (array_agg(row) filter (where side = 'old'))[1] as was, (array_agg(row) filter (where side = 'new'))[1] as is_now
        from named group by 1, 2
      ), done as (
        select *, ${verb} as verb from paired where ${trail.recorded}
      )
      select tenant, verb, array_agg(target order by target) as targets,
        pulser.digest(nullif(jsonb_agg(was order by target) filter (where was is not null), '[]')) as before,
        pulser.digest(nullif(jsonb_agg(is_now order by target) filter (where is_now is not null), '[]')) as after
      from done where was is distinct from is_now or verb = 'rotated' group by tenant, verb
    loop
      perform pulser.${trail.append}(change.tenant::uuid, row(null, null, null, null, tg_argv[0] || '.' || change.verb,
        change.targets, 'done', change.before, change.after, null, null)::public.audit_entry);
    end loop;
    return null;
  end
  $$`;

/** PL/pgSQL: a statement that found nothing to write, as those of a sweep mostly do, costs no plan. */
export const nothingWritten = `
    if old_rows = '[]' and new_rows = '[]' then
      return null;
    end if;`;

/** What was done, as far as the operation says it. */
export const verbOfOperation = `case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'deleted' end`;

// Per row, because a transition table would cost every update of a task.
const auditCancel = `
  create function pulser.audit_cancel() returns trigger
  language plpgsql security definer ${ownersPath} as $$
  begin
    perform pulser.append_audit(new.tenant_id, row(null, null, null, null, 'task.cancelled', array[new.task_id::text],
      'done', pulser.digest(to_jsonb(old)), pulser.digest(to_jsonb(new)), null, null)::public.audit_entry);
    return null;
  end
  $$`;

const auditRefusal = `
  create function pulser.audit_refusal(action text, targets text[]) returns void
  language sql security definer ${ownersPath} as $$
    select pulser.append_audit((select pulser.tenant_id()), row(null, null, null, null, action, targets, 'refused', null,
      null, null, null)::public.audit_entry)
  $$`;

/** The functions that write and check the audit trail, in an order in which they can be created. */
export const auditFunctions = [
  auditHash,
  rowDigest,
  appendAudit,
  auditRows(verbOfOperation),
  auditCancel,
  auditRefusal,
];

/** Their signatures, in an order in which they can be dropped. */
export const auditFunctionNames = [
  'audit_refusal(text, text[])',
  'audit_cancel()',
  'audit_rows()',
  'append_audit(uuid, public.audit_entry)',
  'digest(jsonb)',
  'audit_hash(public.audit_entry)',
];
