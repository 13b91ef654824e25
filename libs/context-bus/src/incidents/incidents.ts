// Incidents of the installation: what the leader of the health services finds wrong, with its timeline, and the messages
// that tell of it. Each transition is one statement: incident, line and messages are committed together, or none is.
import { Injectable } from '@nestjs/common';
import type { IncidentChange, IncidentKind, IncidentState, Severity } from '@pulser/contracts';
import { systemTenantId } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

/** What a round has found: that something is wrong (`open`), or is no longer (`resolved`). */
export interface Finding {
  /** What it is about: one incident of a key is open at most. */
  readonly key: string;
  readonly kind: IncidentKind;
  readonly subject: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A change that was written, for the log. */
export interface IncidentTransition {
  readonly eventId: string;
  readonly change: IncidentChange;
  /** Whether messages tell of it: not of what is silenced, lowered or goes up and down. */
  readonly told: boolean;
}

/** Seconds within which a resolved incident that comes back is the same one, and counts as a flap. */
export const reopenS = 300;

/** From so many flaps on no message tells of more of them, until it has been resolved for `reopenS`. */
const maxFlaps = 2;

/** Seconds that messages wait, so that many incidents of one moment travel in one. */
export const groupS = 2;

const leads = (epoch: string): string => `exists (select from health_leader where epoch = ${epoch} and until > now())`;

const rank = (severity: string): string => `array_position(array['info', 'warning', 'critical'], ${severity})`;

const notice = `jsonb_build_object('change', change, 'incident_id', incident_id, 'kind', kind, 'subject', subject,
  'severity', severity, 'state', state, 'summary', summary, 'detail', detail, 'flaps', flaps, 'opened_at', opened_at,
  'at', now())`;

// The messages of the rows of `told`: to destinations that take this severity at once, and of an end to those that were told
// of the beginning. The id of the line is that of the notification and, unless it is grouped, of the message.
const tell = (tenant: string): string => `
  notified as (
    insert into notification (tenant_id, notification_id, kind, content, incident_id)
    select ${tenant}, event_id, 'incident', ${notice}, incident_id from told
    returning notification_id
  ), addressed as (
    insert into notification_delivery (tenant_id, notification_id, destination_id, message_id, due_at)
    select ${tenant}, t.event_id, d.destination_id, t.event_id, now() + interval '${groupS} seconds'
    from told t join destination d on d.tenant_id = ${tenant} and d.confirmed_at is not null
    where case when t.change = 'resolved' then exists (
        select from notification n join notification_delivery e using (tenant_id, notification_id)
        where n.tenant_id = ${tenant} and n.incident_id = t.incident_id and e.destination_id = d.destination_id
          and e.state <> 'skipped')
      else d.after_min is null and ${rank('d.incidents_from')} <= ${rank('t.severity')} end
      and d.name is distinct from t.about
    returning delivery_id
  )`;

// $1 key, $2 kind, $3 subject, $4 severity, $5 state, $6 summary, $7 detail, $8 epoch, $9 system tenant, $10 destination
// that must not be told. `last` is the newest incident of the key; a flap opens it again.
const transition = statement(
  'incidents.transition',
  `with last as materialized (
    select * from (select * from incident where key = $1 and ${leads('$8')} order by incident_id desc limit 1) newest
    where $5 = 'open' or state = 'open'
  ), changed as (
    update incident i set state = $5, updated_at = now(), summary = $6, detail = $7,
      kind = case when $5 = 'open' then $2 else i.kind end,
      severity = case when $5 = 'open' then $4 else i.severity end,
      told_severity = case when $5 = 'open' and ${rank('$4')} > ${rank('i.told_severity')} then $4 else i.told_severity end,
      flaps = i.flaps + case when l.state = 'resolved' then 1 else 0 end,
      unsettled = $5 = 'resolved' and i.flaps >= ${maxFlaps},
      raised_at = case when $5 = 'open' and (l.state = 'resolved' or ${rank('$4')} > ${rank('l.severity')})
        then now() else i.raised_at end,
      acknowledged_at = case when ${rank('$4')} > ${rank('l.severity')} then null else i.acknowledged_at end,
      acknowledged_by = case when ${rank('$4')} > ${rank('l.severity')} then null else i.acknowledged_by end,
      resolved_at = case when $5 = 'resolved' then now() end
    from last l
    where i.incident_id = l.incident_id and i.state = l.state and i.severity = l.severity and case l.state
      when 'open' then $5 = 'resolved' or l.severity <> $4
      else $5 = 'open' and l.resolved_at > now() - interval '${reopenS} seconds' end
    returning i.*, l.severity as severity_before, l.told_severity as told_before, l.state as state_before
  ), opened as (
    insert into incident (key, kind, subject, severity, told_severity, summary, detail, silenced_until, silenced_by,
      silence_reason)
    select $1, $2, $3, $4, $4, $6, $7, s.silenced_until, s.silenced_by, s.silence_reason
    from (select) as one left join last s on s.silenced_until > now()
    where $5 = 'open' and ${leads('$8')} and not exists (
      select from last where state = 'open' or resolved_at > now() - interval '${reopenS} seconds')
    on conflict (key) where state = 'open' do nothing
    returning *
  ), done as (
    select pulser.new_id() as event_id, incident_id, kind, subject, severity, state, summary, detail, flaps, opened_at,
      silenced_until, case
        when state = 'resolved' then 'resolved'
        when state_before = 'resolved' then case when flaps >= ${maxFlaps} then 'flapping' else 'reopened' end
        when ${rank('severity')} > ${rank('severity_before')} then 'raised' else 'lowered' end as change,
      case
        when state = 'resolved' then flaps < ${maxFlaps}
        when state_before = 'resolved' then flaps <= ${maxFlaps}
        else ${rank('severity')} > ${rank('told_before')} end as worth_telling
    from changed
    union all
    select pulser.new_id(), incident_id, kind, subject, severity, state, summary, detail, flaps, opened_at,
      silenced_until, 'opened', true from opened
  ), line as (
    insert into incident_event (incident_id, event_id, change, severity, summary)
    select incident_id, event_id, change, severity, summary from done
  ), told as (
    select *, $10::text as about from done where worth_telling and coalesce(silenced_until <= now(), true)
  ), ${tell('$9')}
  select event_id as "eventId", change, exists (select from told) as told from done`,
);

// The words of an open incident follow what is found, at most every ten seconds; no line and no message tells of it.
const refresh = statement(
  'incidents.refresh',
  `update incident set summary = $2, detail = $3, updated_at = now()
   where key = $1 and state = 'open' and severity = $4 and summary <> $2 and updated_at < now() - interval '10 seconds'
     and ${leads('$5')}`,
);

// To each destination that waits for it, once for each time that the incident has become as severe.
const escalate = statement(
  'incidents.escalate',
  `with late as materialized (
    select i.*, d.destination_id, d.name as destination
    from incident i join destination d on d.tenant_id = $1 and d.confirmed_at is not null and d.after_min is not null
    where i.state = 'open' and i.acknowledged_at is null and coalesce(i.silenced_until <= now(), true)
      and ${rank('d.incidents_from')} <= ${rank('i.severity')}
      and i.raised_at < now() - make_interval(mins => d.after_min) and ${leads('$2')}
      and not exists (select from notification n join notification_delivery e using (tenant_id, notification_id)
        where n.tenant_id = $1 and n.incident_id = i.incident_id and e.destination_id = d.destination_id
          and n.created_at >= i.raised_at)
    order by i.incident_id limit 100
  ), incidents as (
    select pulser.new_id() as event_id, l.*, 'escalated' as change from (
      select incident_id, kind, subject, severity, state, summary, detail, flaps, opened_at,
        string_agg(destination, ', ' order by destination) as destinations
      from late group by 1, 2, 3, 4, 5, 6, 7, 8, 9) l
  ), line as (
    insert into incident_event (incident_id, event_id, change, severity, summary, note)
    select incident_id, event_id, change, severity, summary, 'to ' || destinations from incidents
  ), notified as (
    insert into notification (tenant_id, notification_id, kind, content, incident_id)
    select $1, event_id, 'incident', ${notice}, incident_id from incidents
  ), addressed as (
    insert into notification_delivery (tenant_id, notification_id, destination_id, message_id)
    select $1, event_id, destination_id, event_id from incidents join late using (incident_id)
  )
  select incident_id as "incidentId" from incidents`,
);

// Incidents that went up and down, and were resolved for good: the message that was kept back.
const settle = statement(
  'incidents.settle',
  `with done as (
    update incident set unsettled = false
    where unsettled and state = 'resolved' and resolved_at < now() - interval '${reopenS} seconds' and ${leads('$2')}
    returning *, 'resolved' as change, pulser.new_id() as event_id
  ), line as (
    insert into incident_event (incident_id, event_id, change, severity, summary, note)
    select incident_id, event_id, change, severity, summary, 'for good' from done
  ), told as (
    select *, null::text as about from done where coalesce(silenced_until <= now(), true)
  ), ${tell('$1')}
  select incident_id as "incidentId" from done`,
);

const openKeys = statement(
  'incidents.open-keys',
  `select key from incident where state = 'open' order by key limit 1000`,
);

/** Written by the leader of the health services alone. Needs the service role. */
@Injectable()
export class Incidents {
  constructor(private readonly database: Database) {}

  /**
   * Writes what was found, if it changes anything: at most one incident of a key is open.
   * @param epoch of the caller's leadership
   * @param untold name of a destination that gets no message of it
   * @returns the change, or undefined when nothing changed or the epoch is not the leader's
   */
  async note(finding: Finding, epoch: number, untold?: string): Promise<IncidentTransition | undefined> {
    const { key, kind, subject, severity, state, summary, detail } = finding;
    const told = JSON.stringify(detail);
    const values = [key, kind, subject, severity, state, summary, told, epoch, systemTenantId, untold ?? null];
    const [row] = await this.database.query<IncidentTransition>(transition, values);
    if (row === undefined && state === 'open')
      await this.database.query(refresh, [key, summary, told, severity, epoch]);
    return row;
  }

  /** As `note`. @returns whether anything changed */
  async transition(finding: Finding, epoch: number): Promise<boolean> {
    return (await this.note(finding, epoch)) !== undefined;
  }

  /** Keys of open incidents, 1,000 at most. */
  async openKeys(): Promise<string[]> {
    return (await this.database.query<{ key: string }>(openKeys)).map(({ key }) => key);
  }

  /** Tells of incidents that nobody has acknowledged for as long as a destination waits. @returns how many */
  async escalate(epoch: number): Promise<number> {
    return (await this.database.query(escalate, [systemTenantId, epoch])).length;
  }

  /** Tells of the end of incidents that went up and down. @returns how many */
  async settle(epoch: number): Promise<number> {
    return (await this.database.query(settle, [systemTenantId, epoch])).length;
  }
}
