// Conversations with agents: what was asked and answered, and how it is forgotten. Turns come of tasks with `conversation_id`.
import { Controller, Delete, Get, Injectable, Module, Param, type PipeTransform, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type ConversationRow, Conversations, type TurnRow } from '@pulser/context-bus';
import {
  ConversationId,
  ConversationList,
  ConversationPage,
  ConversationQuery,
  type ConversationView,
  Forgotten,
  type TurnView,
} from '@pulser/contracts';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { nextCursor, notFound, startOfPage } from '../rest/parameters.js';

/** The id in a path. Text that cannot be one is answered like an id that does not exist. */
class ConversationPipe implements PipeTransform<string, ConversationId> {
  transform(id: string): ConversationId {
    if (!ConversationId.safeParse(id).success) throw notFound('conversation');
    return id;
  }
}

const IdParameter = (): MethodDecorator =>
  ApiParam({
    name: 'id',
    description: 'The `conversation_id` of the questions',
    schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$' },
  });

const turnView = ({ turnId, agent, taskId, question, answer, summary, answeredAt }: TurnRow): TurnView => ({
  ...{ turn_id: turnId, agent, task_id: taskId, question, answer, summary },
  answered_at: answeredAt.toISOString(),
});

const conversationView = (row: ConversationRow): ConversationView => ({
  conversation_id: row.conversationId,
  agent: row.agent,
  task_id: row.taskId,
  question: row.question,
  questions: row.questions,
  asked_at: row.askedAt.toISOString(),
});

@Injectable()
export class TenantConversations {
  constructor(private readonly conversations: Conversations) {}

  /** @throws HttpError `invalid_request` for a cursor that this API did not make */
  async list(tenantId: string, { limit, cursor }: ConversationQuery): Promise<ConversationList> {
    const rows = await this.conversations.list(tenantId, limit, startOfPage(cursor));
    return {
      conversations: rows.map(conversationView),
      next_cursor: nextCursor(rows, limit, ({ lastTurnId }) => lastTurnId),
    };
  }

  /** @throws HttpError `not_found`; `invalid_request` for a cursor that this API did not make */
  async page(tenantId: string, id: string, { limit, cursor }: ConversationQuery): Promise<ConversationPage> {
    const before = startOfPage(cursor);
    const rows = await this.conversations.page(tenantId, id, limit, before);
    if (rows.length === 0 && before === undefined) throw notFound('conversation');
    return {
      conversation_id: id,
      turns: rows.map(turnView),
      next_cursor: nextCursor(rows, limit, ({ turnId }) => turnId),
    };
  }

  /** @throws HttpError `not_found` */
  async forget(tenantId: string, id: string): Promise<Forgotten> {
    const forgotten = await this.conversations.forget(tenantId, id);
    if (forgotten === 0) throw notFound('conversation');
    return { forgotten };
  }
}

@ApiTags('conversations')
@Controller('api/v1/conversations')
export class ConversationsController {
  constructor(private readonly conversations: TenantConversations) {}

  @Role('viewer')
  @Documented({
    id: 'listConversations',
    summary: 'List the conversations with agents',
    answers: [
      { status: 200, description: 'A page, those first that were gone on with last', schema: ConversationList },
    ],
    problems: ['invalid_request'],
  })
  @Get()
  list(
    @TenantId() tenantId: string,
    @Query({ schema: ConversationQuery }) query: ConversationQuery,
  ): Promise<ConversationList> {
    return this.conversations.list(tenantId, query);
  }

  @Role('viewer')
  @IdParameter()
  @Documented({
    id: 'getConversation',
    summary: 'What was asked and answered in a conversation',
    answers: [{ status: 200, description: 'A page of turns, the newest first', schema: ConversationPage }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':id')
  page(
    @TenantId() tenantId: string,
    @Param('id', new ConversationPipe()) id: string,
    @Query({ schema: ConversationQuery }) query: ConversationQuery,
  ): Promise<ConversationPage> {
    return this.conversations.page(tenantId, id, query);
  }

  @Role('operator')
  @IdParameter()
  @Documented({
    id: 'forgetConversation',
    summary: 'Forget a conversation',
    description:
      'Its turns with all agents and their summaries are gone. The tasks that asked keep question and answer until their ' +
      'own retention is over.',
    answers: [{ status: 200, description: 'How many turns are gone', schema: Forgotten }],
    problems: ['not_found'],
  })
  @Delete(':id')
  forget(@TenantId() tenantId: string, @Param('id', new ConversationPipe()) id: string): Promise<Forgotten> {
    return this.conversations.forget(tenantId, id);
  }
}

@Module({ controllers: [ConversationsController], providers: [TenantConversations] })
export class ConversationsModule {}
