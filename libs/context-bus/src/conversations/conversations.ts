// Conversations with agents: the turns of each, and the summary that stands for the older ones. A turn is kept by the task
// that answered it.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import type { ClaimRef } from '../tasks/claims.js';

/** A question with its answer. */
export interface ConversationTurn {
  readonly turnId: string;
  readonly question: string;
  readonly answer: string;
}

/** What a question is read with. */
export interface ConversationHistory {
  /** Of the turns before these. */
  readonly summary: string | null;
  /** Since that summary, the oldest first. */
  readonly turns: readonly ConversationTurn[];
}

export interface NewTurn {
  readonly conversationId: string;
  readonly agent: string;
  readonly question: string;
  readonly answer: string;
  /** Made for this question; `to` is the last turn that it has. */
  readonly summary?: { readonly text: string; readonly to: string } | undefined;
}

/** A turn as a page of a conversation has it. */
export interface TurnRow extends ConversationTurn {
  readonly agent: string;
  readonly taskId: string;
  readonly summary: string | null;
  readonly answeredAt: Date;
}

/** A conversation as a list has it, by its last question. */
export interface ConversationRow {
  readonly conversationId: string;
  readonly lastTurnId: string;
  readonly agent: string;
  readonly taskId: string;
  readonly question: string;
  readonly questions: number;
  readonly askedAt: Date;
}

const lastSummary = statement(
  'conversations.last-summary',
  `select summary, summarised_to as "summarisedTo" from conversation_turn
   where tenant_id = (select pulser.tenant_id()) and conversation_id = $1 and agent = $2 and summary is not null order by turn_id desc limit 1`,
);

const newest = statement(
  'conversations.newest',
  `select turn_id as "turnId", question, answer from conversation_turn
   where tenant_id = (select pulser.tenant_id()) and conversation_id = $1 and agent = $2 and ($3::uuid is null or turn_id > $3) order by turn_id desc limit $4`,
);

// Fenced by the epoch. A summary of what was forgotten meanwhile is not kept.
const keep = statement(
  'conversations.keep',
  `with kept as (
   insert into conversation_turn (tenant_id, conversation_id, agent, task_id, question, answer, summary, summarised_to)
   select t.tenant_id, $3, $4, t.task_id, $5, $6, case when s.turn_id is not null then $7 end, s.turn_id
   from task_queue t left join conversation_turn s
     on s.tenant_id = t.tenant_id and s.turn_id = $8::uuid and s.conversation_id = $3
   where t.tenant_id = (select pulser.tenant_id()) and t.task_id = $1 and t.epoch = $2 and t.status = 'running'
   on conflict (tenant_id, task_id) do update set answer = excluded.answer
   returning tenant_id, conversation_id, turn_id, agent, task_id, question, answered_at, xmax = 0 as is_new
   ), listed as (
     insert into conversation as c (tenant_id, conversation_id, last_turn_id, agent, task_id, question, questions, asked_at)
     select tenant_id, conversation_id, turn_id, agent, task_id, left(question, 200), 1, answered_at from kept where is_new
     on conflict (tenant_id, conversation_id) do update set last_turn_id = excluded.last_turn_id, agent = excluded.agent,
       task_id = excluded.task_id, question = excluded.question, questions = c.questions + 1, asked_at = excluded.asked_at
   )
   select turn_id from kept`,
);

const list = statement(
  'conversations.list',
  `select conversation_id as "conversationId", last_turn_id as "lastTurnId", agent, task_id as "taskId", question, questions,
     asked_at as "askedAt"
   from conversation where tenant_id = (select pulser.tenant_id()) and ($1::uuid is null or last_turn_id < $1)
   order by last_turn_id desc limit $2`,
);

const page = statement(
  'conversations.page',
  `select turn_id as "turnId", agent, task_id as "taskId", question, answer, summary,
     answered_at as "answeredAt"
   from conversation_turn where tenant_id = (select pulser.tenant_id()) and conversation_id = $1 and ($2::uuid is null or turn_id < $2) order by turn_id desc limit $3`,
);

const forget = statement(
  'conversations.forget',
  `with gone as (
     delete from conversation_turn where tenant_id = (select pulser.tenant_id()) and conversation_id = $1 returning 1
   ), listed as (
     delete from conversation where tenant_id = (select pulser.tenant_id()) and conversation_id = $1
   )
   select count(*)::int as forgotten from gone`,
);

/** Conversations of tenants. */
@Injectable()
export class Conversations {
  constructor(private readonly database: Database) {}

  /** What an agent knows of a conversation. @param limit of turns, the newest */
  async history(tenantId: string, agent: string, conversationId: string, limit: number): Promise<ConversationHistory> {
    const of = [conversationId, agent];
    const [last] = await this.database.queryAs<{ summary: string; summarisedTo: string }>(tenantId, lastSummary, of);
    const values = [...of, last?.summarisedTo ?? null, limit];
    const turns = await this.database.queryAs<ConversationTurn>(tenantId, newest, values);
    return { summary: last?.summary ?? null, turns: turns.toReversed() };
  }

  /** Keeps a turn, once for each task. @returns false: the attempt has lost its task */
  async keep({ tenantId, taskId, epoch }: ClaimRef, turn: NewTurn): Promise<boolean> {
    const { conversationId, agent, question, answer, summary } = turn;
    const values = [taskId, epoch, conversationId, agent, question, answer, summary?.text ?? null, summary?.to ?? null];
    return (await this.database.queryAs(tenantId, keep, values)).length > 0;
  }

  /** Those first that were gone on with last. @param before the last turn of one that was read already */
  list(tenantId: string, limit: number, before: string | undefined): Promise<ConversationRow[]> {
    return this.database.queryAs<ConversationRow>(tenantId, list, [before ?? null, limit]);
  }

  /** Turns with all agents, the newest first. */
  page(tenantId: string, conversationId: string, limit: number, before: string | undefined): Promise<TurnRow[]> {
    const values = [conversationId, before ?? null, limit];
    return this.database.queryAs<TurnRow>(tenantId, page, values);
  }

  /** Forgets a conversation, with all agents and summaries. @returns how many turns */
  async forget(tenantId: string, conversationId: string): Promise<number> {
    const [row] = await this.database.queryAs<{ forgotten: number }>(tenantId, forget, [conversationId]);
    return row?.forgotten ?? 0;
  }
}
