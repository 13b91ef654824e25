import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// A question that was asked in a conversation, with its answer: what later questions are read with. A summary stands with the
// turn whose question it was made for.
const conversationTurn = `
  create table conversation_turn (
    tenant_id uuid not null references tenant,
    turn_id uuid not null default pulser.new_id(),
    conversation_id text not null,
    agent text not null,
    task_id uuid not null,
    question text not null,
    answer text not null,
    answered_at timestamptz not null default now(),
    summary text,
    summarised_to uuid,
    primary key (tenant_id, turn_id),
    check ((summary is null) = (summarised_to is null))
  )`;

const comments = [
  `comment on table conversation_turn is 'questions of conversations with language models, with their answers'`,
  `comment on column conversation_turn.question is 'its beginning'`,
  `comment on column conversation_turn.summary is 'of all turns of the conversation with this agent up to summarised_to'`,
];

/** Conversations with agents. */
export class Conversations1763840000039 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      conversationTurn,
      'create index conversation_turns on conversation_turn (tenant_id, conversation_id, turn_id)',
      'create unique index conversation_turn_of_task on conversation_turn (tenant_id, task_id)',
      ...tenantTable('conversation_turn', ['select', 'insert', 'update', 'delete']),
      ...comments,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, ['drop table conversation_turn']);
  }
}
