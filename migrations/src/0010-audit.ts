import type { MigrationInterface, QueryRunner } from 'typeorm';

import { auditFunctionNames, auditFunctions } from './sql/audit-functions.js';
import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

const auditEntry = `
  create table audit_entry (
    tenant_id uuid not null references tenant,
    seq bigint not null,
    at timestamptz not null,
    actor jsonb not null,
    action text not null,
    targets text[] not null,
    outcome text not null check (outcome in ('done', 'refused')),
    before_digest bytea,
    after_digest bytea,
    previous_hash bytea,
    hash bytea not null,
    primary key (tenant_id, seq)
  )`;

// Its row is the lock that serializes changes of one tenant.
const auditHead = `
  create table audit_head (
    tenant_id uuid not null primary key references tenant,
    seq bigint not null,
    hash bytea
  )`;

const comments = [
  `comment on column audit_entry.actor is '{kind, id, name, origin, via}: who, from what address, by what request'`,
  `comment on column audit_entry.before_digest is 'SHA-256 of the rows as they were; null when there were none'`,
  `comment on column audit_entry.hash is 'SHA-256 of the entry and the hash before it: see pulser.audit_hash'`,
];

const transitions = {
  insert: 'referencing new table as new_table',
  update: 'referencing old table as old_table new table as new_table',
  delete: 'referencing old table as old_table',
} as const;

interface Audited {
  readonly table: string;
  readonly noun: string;
  /** Columns that name a row. */
  readonly id: readonly string[];
  /** Columns that change without an actor. */
  readonly ignored?: readonly string[];
  readonly on: readonly (keyof typeof transitions)[];
}

const audited: readonly Audited[] = [
  { table: 'tenant', noun: 'tenant', id: ['name'], on: ['update'] },
  { table: 'api_key', noun: 'key', id: ['key_id'], ignored: ['last_used_at'], on: ['insert', 'update', 'delete'] },
  { table: 'task_pause', noun: 'pause', id: ['agent_name', 'task_type'], on: ['insert', 'update', 'delete'] },
  { table: 'dead_letter', noun: 'dead-letter', id: ['dead_letter_id'], on: ['update'] },
];

const array = (names: readonly string[]): string => `'{${names.join(',')}}'`;

const triggers = ({ table, noun, id, ignored = [], on }: Audited): string[] =>
  on.map(
    (event) => `
  create trigger audit_${event} after ${event} on ${table} ${transitions[event]} for each statement
  execute function pulser.audit_rows('${noun}', ${array(id)}, ${array(ignored)})`,
  );

const cancelTrigger = `
  create trigger audit_cancel after update on task_queue for each row
  when (new.status = 'cancelled' and old.status <> 'cancelled') execute function pulser.audit_cancel()`;

const ofOwner = (table: string, command: string): string =>
  `create policy audit_${command} on ${table} for ${command} to pulser_owner ` +
  (command === 'insert' ? 'with check (true)' : 'using (true)');

export class Audit1763840000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      auditEntry,
      auditHead,
      ...comments,
      ...tenantTable('audit_entry', ['select']),
      ...tenantTable('audit_head', ['select']),
      'revoke insert, update, delete on audit_entry, audit_head from pulser_service',
      ...['select', 'insert'].map((command) => ofOwner('audit_entry', command)),
      ...['select', 'insert', 'update'].map((command) => ofOwner('audit_head', command)),
      ...auditFunctions,
      ...auditFunctionNames.map((name) => `revoke execute on function pulser.${name} from public`),
      'grant execute on function pulser.audit_refusal(text, text[]) to pulser_app',
      'grant execute on function pulser.audit_hash(public.audit_entry) to pulser_app, pulser_service',
      ...audited.flatMap(triggers),
      cancelTrigger,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'drop trigger audit_cancel on task_queue',
      ...audited.flatMap(({ table, on }) => on.map((event) => `drop trigger audit_${event} on ${table}`)),
      ...auditFunctionNames.map((name) => `drop function pulser.${name}`),
      'drop table audit_head',
      'drop table audit_entry',
    ]);
  }
}
