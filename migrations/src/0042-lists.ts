import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// No foreign keys: what is noted undoes nothing when its hook or task is deleted at that moment.
const firing = `
  create table hook_firing (
    tenant_id uuid not null references tenant,
    firing_id uuid not null default pulser.new_id(),
    hook_id uuid not null,
    fired_at timestamptz not null default now(),
    task_id uuid,
    reason text,
    detail text,
    primary key (tenant_id, firing_id),
    check ((task_id is null) = (reason is not null))
  )`;

// A list of conversations by their last question would read every turn without it.
const conversation = `
  create table conversation (
    tenant_id uuid not null references tenant,
    conversation_id text not null,
    last_turn_id uuid not null,
    agent text not null,
    task_id uuid not null,
    question text not null,
    questions int not null,
    asked_at timestamptz not null,
    primary key (tenant_id, conversation_id)
  )`;

// The owner sees no rows of a table whose row-level security is forced.
const known = [
  'alter table conversation_turn no force row level security',
  `
  insert into conversation (tenant_id, conversation_id, last_turn_id, agent, task_id, question, questions, asked_at)
  select distinct on (tenant_id, conversation_id) tenant_id, conversation_id, turn_id, agent, task_id, left(question, 200),
    count(*) over (partition by tenant_id, conversation_id)::int, answered_at
  from conversation_turn order by tenant_id, conversation_id, turn_id desc`,
  'alter table conversation_turn force row level security',
];

const indexes = [
  'create index hook_firing_of on hook_firing (tenant_id, hook_id, firing_id)',
  'create unique index conversation_last on conversation (tenant_id, last_turn_id)',
];

const comments = [
  `comment on table hook_firing is 'what became of hooks: a task, or why there was none'`,
  `comment on table conversation is 'conversations with language models, each with its last question'`,
  `comment on column conversation.question is 'its beginning'`,
  `comment on column conversation.questions is 'so far, also those whose retention is over'`,
];

/** What hooks did, and which conversations there are: both as lists, the newest first. */
export class Lists1763840000042 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      firing,
      ...tenantTable('hook_firing', ['select', 'insert', 'delete']),
      conversation,
      ...indexes,
      ...known,
      ...tenantTable('conversation', ['select', 'insert', 'update', 'delete']),
      ...comments,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table conversation', 'drop table hook_firing']);
  }
}
