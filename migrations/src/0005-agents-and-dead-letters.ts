import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// Agents belong to the installation, not to a tenant.
const agent = `
  create table agent (
    agent_name text primary key,
    task_types text[] not null,
    operations jsonb not null default '[]',
    registered_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now()
  )`;

// The message of an error without its variable parts: quoted text, UUIDs, hexadecimal and other numbers.
const errorShape = String.raw`
  create function pulser.error_shape(message text) returns text
  language sql immutable parallel safe set search_path = '' as $f$
    select regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(message, 2000),
      $r$"[^"]*"|\`[^\`]*\`|(?<!\w)'(?:[^']|'(?=\w))*'(?!\w)$r$, '?', 'g'),
      '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '?', 'gi'),
      '\m(0x[0-9a-f]+|(?=[a-f]*[0-9])[0-9a-f]{6,}|[0-9a-f]{16,})\M', '?', 'gi'),
      '\d+([.,:]\d+)*', '?', 'g'),
      '\s+', ' ', 'g')
  $f$`;

// Errors of one cause have the same fingerprint, so that they can be counted, listed and replayed together.
const errorFingerprint = `
  create function pulser.error_fingerprint(task_type text, code text, message text) returns text
  language sql immutable parallel safe set search_path = '' as $$
    select left(encode(sha256(convert_to(
      coalesce(task_type, '') || chr(10) || code || chr(10) || pulser.error_shape(coalesce(message, '')),
      'UTF8')), 'hex'), 16)
  $$`;

// A task that used up its attempts, or a rejected message (then task_id is null and the raw body is kept; the tenant is
// known only when the API key of the message was valid).
const deadLetter = `
  create table dead_letter (
    dead_letter_id uuid primary key default pulser.new_id(),
    tenant_id uuid references tenant,
    task_id uuid,
    task_type text,
    agent_name text,
    reason text not null,
    error jsonb,
    fingerprint text not null generated always as
      (pulser.error_fingerprint(task_type, reason, error ->> 'message')) stored,
    state text not null default 'open' check (state in ('open', 'replayed', 'discarded')),
    settled_at timestamptz,
    settled_by text,
    discard_reason text,
    source_queue text,
    routing_key text,
    message_id text,
    headers jsonb,
    body bytea,
    burial_key text unique,
    message_key text,
    created_at timestamptz not null default now(),
    unique (tenant_id, dead_letter_id),
    check ((task_id is null) = (body is not null)),
    check ((task_id is null) = (burial_key is not null)),
    check ((state = 'open') = (settled_at is null)),
    check ((state = 'discarded') = (discard_reason is not null))
  )`;

// One per dead letter, which is replayed once. The key includes the tenant: without it, a tenant could find out by an insert
// whether another one has a dead letter of an id.
const deadLetterReplay = `
  create table dead_letter_replay (
    tenant_id uuid not null references tenant,
    dead_letter_id uuid not null,
    task_id uuid not null,
    edits jsonb not null default '{}',
    replayed_by text,
    replayed_at timestamptz not null default now(),
    primary key (tenant_id, dead_letter_id),
    foreign key (tenant_id, dead_letter_id) references dead_letter (tenant_id, dead_letter_id) on delete cascade
  )`;

// When the last alert about dead letters of a task type was sent.
const deadLetterAlert = `
  create table dead_letter_alert (
    task_type text primary key,
    told_at timestamptz not null
  )`;

const comments = [
  `comment on column dead_letter.fingerprint is 'hash of task type, code and message without its variable parts'`,
  `comment on column dead_letter.settled_by is 'name of the API key that replayed or discarded it'`,
  `comment on column dead_letter.burial_key is 'names one burial of a message: its redelivery makes no second row'`,
  `comment on column dead_letter.message_key is 'names a message by its own id: buried twice, it is open once'`,
  `comment on column dead_letter_replay.edits is 'members of the task that were changed: {member: {before, after}}'`,
];

const indexes = [
  'create index dead_letter_by_fingerprint on dead_letter (tenant_id, fingerprint, dead_letter_id)',
  `create index dead_letter_open on dead_letter (tenant_id, dead_letter_id) where state = 'open'`,
  `create index dead_letter_open_counts on dead_letter (agent_name, reason) where state = 'open'`,
  'create unique index dead_letter_of_task on dead_letter (tenant_id, task_id) where task_id is not null',
  `create unique index dead_letter_of_message on dead_letter (message_key)
    where message_key is not null and state = 'open'`,
];

export class AgentsAndDeadLetters1763840000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      agent,
      'grant select on agent to pulser_app',
      'grant select, insert, update on agent to pulser_service',
      errorShape,
      errorFingerprint,
      deadLetter,
      deadLetterReplay,
      ...comments,
      ...indexes,
      ...tenantTable('dead_letter', ['select']),
      'grant update (state, settled_at, settled_by, discard_reason) on dead_letter to pulser_app',
      ...tenantTable('dead_letter_replay', ['select', 'insert']),
      deadLetterAlert,
      'grant select, insert, update, delete on dead_letter_alert to pulser_service',
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop table dead_letter_alert',
      'drop table dead_letter_replay',
      'drop table dead_letter',
      'drop function pulser.error_fingerprint',
      'drop function pulser.error_shape',
      'drop table agent',
    ]);
  }
}
