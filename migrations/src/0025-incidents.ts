import type { MigrationInterface, QueryRunner } from 'typeorm';

import { destinationFunctions, destinationTables, destinationTriggers, trailOf } from './sql/destinations.js';
import { incidentDeedNames, incidentDeeds } from './sql/incident-deeds.js';
import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

const severities = `('info', 'warning', 'critical')`;

// What is wrong with the installation, or was. One open row per key; the leader of the health services alone writes it.
const incident = [
  `create table incident (
    incident_id uuid primary key default pulser.new_id(),
    key text not null,
    kind text not null,
    subject text not null,
    severity text not null check (severity in ${severities}),
    told_severity text not null check (told_severity in ${severities}),
    state text not null default 'open' check (state in ('open', 'resolved')),
    summary text not null,
    detail jsonb not null default '{}',
    flaps int not null default 0,
    unsettled boolean not null default false,
    opened_at timestamptz not null default now(),
    raised_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    resolved_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    silenced_until timestamptz,
    silenced_by text,
    silence_reason text
  )`,
  `create unique index incident_open on incident (key) where state = 'open'`,
  'create index incident_of_key on incident (key, incident_id)',
  `create index incident_unsettled on incident (resolved_at) where unsettled`,
];

const incidentEvent = `
  create table incident_event (
    incident_id uuid not null references incident on delete cascade,
    event_id uuid not null default pulser.new_id(),
    at timestamptz not null default now(),
    change text not null,
    severity text not null check (severity in ${severities}),
    summary text,
    actor text,
    note text,
    primary key (incident_id, event_id)
  )`;

const comments = [
  `comment on table incident is 'what is or was wrong with the installation'`,
  `comment on column incident.key is 'what it is about: one incident of a key is open at most'`,
  `comment on column incident.told_severity is 'the highest that messages have told of'`,
  `comment on column incident.flaps is 'how often it came back soon after it was resolved'`,
  `comment on column incident.unsettled is 'it is resolved, and no message told so, because it went up and down'`,
  `comment on column incident.raised_at is 'since when it is as severe as it is, or more: escalation counts from here'`,
  `comment on table incident_event is 'the timeline of incidents'`,
  `comment on column incident_event.event_id is 'also the id of the notification that tells of it'`,
];

const grants = ['incident', 'incident_event'].flatMap((table) => [
  `grant select, insert, update, delete on ${table} to pulser_service`,
  `grant select on ${table} to pulser_app`,
]);

/** Incidents, the messages that tell of them and of what tenants want to be told of, and where these go. */
export class Incidents1763840000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      ...incident,
      incidentEvent,
      ...comments,
      ...grants,
      ...incidentDeeds,
      ...incidentDeedNames.flatMap((name) => [
        `revoke execute on function pulser.${name} from public`,
        `grant execute on function pulser.${name} to pulser_app`,
      ]),
      ...destinationTables,
      ...tenantTable('destination', ['select', 'insert', 'delete']),
      'grant update (incidents_from, after_min, quiet, code_hash, code_expires_at) on destination to pulser_app',
      ...tenantTable('notification', ['select', 'insert']),
      ...tenantTable('notification_delivery', ['select', 'insert']),
      'grant update (state, attempts, due_at, ended_at) on notification_delivery to pulser_app',
      ...destinationFunctions,
      trailOf('own and system'),
      ...destinationTriggers,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      trailOf('own'),
      'drop function pulser.confirm_destination(bytea, jsonb)',
      'drop table notification_delivery',
      'drop table notification',
      'drop table destination',
      ...incidentDeedNames.map((name) => `drop function pulser.${name}`),
      'drop table incident_event',
      'drop table incident',
    ]);
  }
}
