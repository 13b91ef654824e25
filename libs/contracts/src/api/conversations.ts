// Conversations with agents, over REST.
import { z } from 'zod';

import { plainText } from '../json.js';

/** Chosen by whoever asks. */
export const ConversationId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, {
  error: '1 to 100 letters, digits, dots, hyphens, underscores and colons, a letter or digit first',
});
export type ConversationId = z.infer<typeof ConversationId>;

export const ConversationQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: plainText(200).optional(),
});
export type ConversationQuery = z.infer<typeof ConversationQuery>;

export const ConversationView = z
  .object({
    conversation_id: z.string(),
    agent: z.string().meta({ description: 'Who answered last' }),
    task_id: z.uuid().meta({ description: 'Which asked last; its retention may be over' }),
    question: z.string().meta({ description: 'The last one, its first 200 characters' }),
    questions: z.int().meta({ description: 'So far, also those whose retention is over' }),
    asked_at: z.iso.datetime().meta({ description: 'When the last one was answered' }),
  })
  .meta({ id: 'Conversation' });
export type ConversationView = z.infer<typeof ConversationView>;

export const ConversationList = z
  .object({
    conversations: z.array(ConversationView).meta({ description: 'Those first that were gone on with last' }),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'ConversationList' });
export type ConversationList = z.infer<typeof ConversationList>;

export const TurnView = z
  .object({
    turn_id: z.uuid(),
    agent: z.string(),
    task_id: z.uuid().meta({ description: 'The task that asked; its retention may be over' }),
    question: z.string().meta({ description: 'Its first 4,000 characters, as in `answer`' }),
    answer: z.string(),
    summary: z.string().nullable().meta({
      description: 'Made for this question, of turns before it: what later questions are read with in their place',
    }),
    answered_at: z.iso.datetime(),
  })
  .meta({ id: 'Turn' });
export type TurnView = z.infer<typeof TurnView>;

export const ConversationPage = z
  .object({
    conversation_id: z.string(),
    turns: z.array(TurnView).meta({ description: 'With all agents, the newest first' }),
    next_cursor: z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'ConversationPage' });
export type ConversationPage = z.infer<typeof ConversationPage>;
