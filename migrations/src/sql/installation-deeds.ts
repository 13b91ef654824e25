import { ownersPath } from './owner.js';

// What a service may do in the name of a key of the installation. Each function checks the key itself, whose id no role can
// read: a statement that was smuggled into the gateway cannot call them, and a key that was revoked ends with the call.
const require = `
  create function pulser.require_installation_key(key uuid, wanted_role text) returns void
  language plpgsql stable security definer ${ownersPath} as $$
  begin
    perform from public.installation_key k
      where k.key_id = key and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
        and array_position(array['viewer', 'operator', 'admin'], k.role)
          >= array_position(array['viewer', 'operator', 'admin'], wanted_role);
    if not found then
      raise exception 'the key of the installation is not valid, or may not do this' using errcode = '42501';
    end if;
  end
  $$`;

const pause = `
  create function pulser.pause_for_all(key uuid, author jsonb, agent text, type text, why text) returns void
  language plpgsql volatile security definer ${ownersPath} as $$
  begin
    perform pulser.require_installation_key(key, 'operator');
    perform set_config('app.actor', author::text, true);
    insert into public.task_pause (tenant_id, agent_name, task_type, reason, paused_by)
      values (null, agent, type, why, author ->> 'name')
      on conflict (tenant_id, agent_name, task_type) do nothing;
  end
  $$`;

// As the statement `pauses.resume`: tasks that could not start are due now, not at the end of their interval.
const resume = `
  create function pulser.resume_for_all(key uuid, author jsonb, agent text, type text) returns int
  language plpgsql volatile security definer ${ownersPath} as $$
  declare
    gone int;
  begin
    perform pulser.require_installation_key(key, 'operator');
    perform set_config('app.actor', author::text, true);
    delete from public.task_pause where tenant_id is null
      and agent_name is not distinct from agent and task_type is not distinct from type;
    get diagnostics gone = row_count;
    if gone > 0 then
      update public.task_queue q set due_at = now()
        where q.status = 'queued' and q.due_at > now() and (q.assigned_agent = agent or q.task_type = type);
    end if;
    return gone;
  end
  $$`;

const trail = `
  create function pulser.installation_trail(key uuid, before bigint, wanted text, author text, target text, most int)
  returns setof public.installation_audit
  language plpgsql stable security definer ${ownersPath} as $$
  begin
    perform pulser.require_installation_key(key, 'admin');
    return query select * from public.installation_audit e
      where e.seq < coalesce(before, 9223372036854775807)
        and (wanted is null or e.action = wanted) and (author is null or e.actor ->> 'id' = author)
        and (target is null or e.targets @> array[target])
      order by e.seq desc limit most;
  end
  $$`;

// As the statement `audit.first-broken`.
const verdict = `
  create function pulser.installation_verdict() returns table (first_broken int, entries int)
  language sql stable security definer ${ownersPath} as $$
    with trail as (
      select e, seq, hash, previous_hash, lag(seq, 1, 0::bigint) over w as before_seq, lag(hash) over w as before_hash
      from public.installation_audit e window w as (order by seq)
    ), wrong as (
      select seq from trail
      where seq <> before_seq + 1 or previous_hash is distinct from before_hash
        or hash <> pulser.audit_hash(row(null, (e).seq, (e).at, (e).actor, (e).action, (e).targets, (e).outcome,
          (e).before_digest, (e).after_digest, (e).previous_hash, (e).hash)::public.audit_entry)
      union all
      select h.seq from public.installation_audit_head h left join public.installation_audit e using (seq)
      where h.hash is distinct from e.hash
      union all
      select seq from trail where not exists (select from public.installation_audit_head)
    )
    select min(seq)::int, (select count(*)::int from trail) from wrong
  $$`;

const refusal = `
  create function pulser.refuse_for_installation(key uuid, author jsonb, action text, targets text[]) returns void
  language plpgsql volatile security definer ${ownersPath} as $$
  begin
    perform pulser.require_installation_key(key, 'viewer');
    perform set_config('app.actor', author::text, true);
    perform pulser.append_installation_audit(
      row(null, null, null, null, action, targets, 'refused', null, null, null, null)::public.audit_entry);
  end
  $$`;

/** What keys of the installation do, in an order in which it can be created. */
export const installationDeeds = [require, pause, resume, trail, verdict, refusal];

/** Their signatures, in an order in which they can be dropped. */
export const installationDeedNames = [
  'refuse_for_installation(uuid, jsonb, text, text[])',
  'installation_verdict()',
  'installation_trail(uuid, bigint, text, text, text, int)',
  'resume_for_all(uuid, jsonb, text, text)',
  'pause_for_all(uuid, jsonb, text, text, text)',
  'require_installation_key(uuid, text)',
];
