import { ownersPath } from './owner.js';

const note = (change: string, why: string): string => `
    insert into public.incident_event (incident_id, change, severity, actor, note)
      values (wanted, '${change}', is_now.severity, author ->> 'name', ${why});
    perform set_config('app.actor', author::text, true);
    perform pulser.append_installation_audit(row(null, null, null, null, 'incident.${change}', array[wanted::text], 'done',
      pulser.digest(to_jsonb(was)), pulser.digest(to_jsonb(is_now)), null, null)::public.audit_entry);`;

// Like the deeds of 0021: what keys of the installation do, checked here once more.
const acknowledge = `
  create function pulser.acknowledge_incident(key uuid, author jsonb, wanted uuid, why text)
  returns setof public.incident
  language plpgsql volatile security definer ${ownersPath} as $$
  declare
    was public.incident;
    is_now public.incident;
  begin
    perform pulser.require_installation_key(key, 'operator');
    select * into was from public.incident i where i.incident_id = wanted for update;
    if was.acknowledged_at is not null or was.state <> 'open' then
      return next was;
      return;
    end if;
    update public.incident i set acknowledged_at = now(), acknowledged_by = author ->> 'name', updated_at = now()
      where i.incident_id = wanted returning * into is_now;
    if not found then
      return;
    end if;
    ${note('acknowledged', 'why')}
    return next is_now;
  end
  $$`;

/** @param until null: the silence ends now */
const silence = `
  create function pulser.silence_incident(key uuid, author jsonb, wanted uuid, until timestamptz, why text)
  returns setof public.incident
  language plpgsql volatile security definer ${ownersPath} as $$
  declare
    was public.incident;
    is_now public.incident;
  begin
    perform pulser.require_installation_key(key, 'operator');
    select * into was from public.incident i where i.incident_id = wanted for update;
    update public.incident i set silenced_until = until, updated_at = now(),
        silenced_by = case when until is not null then author ->> 'name' end,
        silence_reason = case when until is not null then why end
      where i.incident_id = wanted returning * into is_now;
    if not found then
      return;
    end if;
    if until is null then
      ${note('unsilenced', 'null')}
    else
      ${note('silenced', `why || ' (until ' || to_char(until at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC)'`)}
    end if;
    return next is_now;
  end
  $$`;

/** What keys of the installation do with incidents, in an order in which it can be created. */
export const incidentDeeds = [acknowledge, silence];

/** Their signatures. */
export const incidentDeedNames = [
  'silence_incident(uuid, jsonb, uuid, timestamptz, text)',
  'acknowledge_incident(uuid, jsonb, uuid, text)',
];
