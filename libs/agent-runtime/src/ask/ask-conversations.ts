// The conversation that an `ask` goes on with: what it is read with, and the turn that it leaves.
import { Injectable } from '@nestjs/common';
import { type ConversationHistory, Conversations, type ConversationTurn, type NewTurn } from '@pulser/context-bus';
import { builtInOwnerOf, keptText } from '@pulser/contracts';
import { type ChatAnswer, type ChatMessage, type ChatRequest, tokensOf, type Usage } from '@pulser/models';

import { AgentProfile } from '../agent/agent-profile.js';
import { AgentEnv } from '../agent/agent.env.js';
import type { Attempt } from '../context/attempt.js';
import { retryWhileUnavailable } from '../context/retry-while-unavailable.js';
import type { AskOrder, AskResult } from '../skills/ask-order.js';
import type { TaskContext } from '../skills/task-context.js';
import { historyMessages, splitHistory, summaryRequest } from './history.policy.js';

/** What comes before a question. */
export interface Opening {
  readonly messages: readonly ChatMessage[];
  /** Of the summary that was made. */
  readonly usage: Usage | undefined;
  readonly facts: AskResult['conversation'];
  /** Keeps the question and its answer as the next turn. */
  readonly keep: (answer: unknown) => Promise<void>;
}

/** A question that stands alone. */
export const alone: Opening = {
  messages: [],
  usage: undefined,
  facts: undefined,
  keep: () => Promise.resolve(),
};

/** Characters of a question and of an answer that are kept: later questions are read with them. */
const maxKept = 4_000;

/** Concurrent questions may leave more turns than the bounds have. */
const beyondBounds = 10;

const maxSummaryTokens = 600;

interface Summary {
  readonly text: string;
  readonly to: string;
  readonly usage?: Usage | undefined;
}

/** What a conversation needs of its `ask`. */
export interface ConversationCalls {
  /** Makes the summary, when there is more than a question is read with. */
  readonly askModel: (request: ChatRequest) => Promise<ChatAnswer>;
  readonly redacted: (text: string) => string;
}

@Injectable()
export class AskConversations {
  constructor(
    private readonly conversations: Conversations,
    private readonly profile: AgentProfile,
    private readonly env: AgentEnv,
  ) {}

  /** @throws what `askModel` throws */
  async open(
    order: AskOrder,
    attempt: Attempt,
    context: Pick<TaskContext, 'once'>,
    { askModel, redacted }: ConversationCalls,
  ): Promise<Opening> {
    const { conversation_id: id } = order;
    if (id === undefined) return alone;
    const agent = builtInOwnerOf(attempt.taskType) ?? this.profile.name;
    const limit = this.env.LLM_CONVERSATION_TURNS + beyondBounds;
    // The same in all attempts, whatever is said or forgotten meanwhile.
    const history = await context.once<ConversationHistory>('ask:history', () =>
      retryWhileUnavailable(() => this.conversations.history(attempt.tenantId, agent, id, limit)),
    );
    const { shown, made } = await this.bounded(history, context, askModel);
    const summary = made?.text ?? history.summary;
    const kept = (text: string): string => keptText(redacted(text), maxKept);
    const turn = { conversationId: id, agent, question: kept(order.question), summary: made };
    return {
      messages: historyMessages(summary, shown),
      usage: made?.usage,
      facts: { turns: shown.length, summarised: summary !== null },
      keep: (answer) =>
        this.keep(attempt, context, {
          ...turn,
          answer: kept(typeof answer === 'string' ? answer : JSON.stringify(answer)),
        }),
    };
  }

  private async bounded(
    history: ConversationHistory,
    context: Pick<TaskContext, 'once'>,
    askModel: ConversationCalls['askModel'],
  ): Promise<{ readonly shown: readonly ConversationTurn[]; readonly made: Summary | undefined }> {
    const bounds = { turns: this.env.LLM_CONVERSATION_TURNS, tokens: this.env.LLM_CONVERSATION_TOKENS };
    const { older, shown } = splitHistory(history.turns, bounds, tokensOf);
    const last = older.at(-1);
    if (last === undefined) return { shown, made: undefined };
    const made = await context.once<Summary>('ask:summary', async () => {
      const messages = summaryRequest(history.summary, older);
      const maxOutputTokens = Math.min(maxSummaryTokens, this.env.LLM_MAX_OUTPUT_TOKENS);
      const { text, usage } = await askModel({ messages, tools: [], format: { kind: 'text' }, maxOutputTokens });
      return { text: keptText(text, maxKept), to: last.turnId, usage };
    });
    return { shown, made };
  }

  private async keep(attempt: Attempt, context: Pick<TaskContext, 'once'>, turn: NewTurn): Promise<void> {
    await context.once('ask:turn', async () => {
      const claim = await attempt.claimed();
      const kept = await retryWhileUnavailable(() => this.conversations.keep(claim, turn));
      if (!kept) throw attempt.lose();
      return kept;
    });
  }
}
