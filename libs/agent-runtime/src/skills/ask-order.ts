// `ask`: the operation that every agent has beside those of its skills.
import { BudgetLimit, ConversationId, storableText, TaskType } from '@pulser/contracts';
import { z } from 'zod';

/** Name of the operation. */
export const askOperation = 'ask';

/** What bounds one `ask`, whatever the model does. */
export const askLimits = { steps: 16, toolCalls: 64, toolCallsPerMessage: 8, generations: 4 } as const;

const ToolNames = z.array(z.string().regex(/^[a-z][A-Za-z0-9_.-]{0,63}$/)).max(64);

export const AskOrder = z.strictObject({
  operation: z.literal(askOperation),
  question: storableText(32_000).min(1),
  conversation_id: ConversationId.optional().meta({
    description:
      'The question goes on with a conversation of the tenant with this agent, and is kept with its answer as the next turn ' +
      'of it; the first one begins it',
  }),
  data: z
    .unknown()
    .optional()
    .meta({ description: 'Material for the answer. It is shown to the model as data, never as instructions' }),
  tools: ToolNames.optional().meta({
    description:
      'Names of the tools that the model may call: operations of this task type, `search_memory`, `remember`, `find_tool`, and ' +
      'tools of MCP servers in the view of the agent. Without: `search_memory`, the operations that neither ask hosts nor use ' +
      'secrets, the MCP tools that fit the question, and `find_tool` for others',
  }),
  delegate_to: z
    .array(z.strictObject({ task_type: TaskType, tools: ToolNames.optional() }))
    .min(1)
    .max(20)
    .optional()
    .meta({
      description:
        'Task types whose agents the model may ask in turn, by a tool `delegate`, with the tools that each of them may call. ' +
        'Each such question is a task of its own, in the name of who submitted this one',
    }),
  delegate_depth: z.int().min(1).max(askLimits.generations).default(1).meta({
    description: 'Generations of `delegate_to`: with 2, those that are asked may ask the same agents in turn',
  }),
  schema: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'JSON Schema of the answer; without, the answer is text' }),
  max_steps: z.int().min(1).max(askLimits.steps).default(askLimits.steps).meta({
    description: 'Answers of the model, those that call tools among them',
  }),
  max_output_tokens: z.int().min(16).max(1_000_000).optional(),
  budget: BudgetLimit.optional().meta({ description: 'Lower limits than those of the tenant, for this task' }),
  tree_budget: BudgetLimit.optional().meta({
    description:
      'Lower limits for this task and all that belong with it: the first ancestor and everything that came of it',
  }),
});
export type AskOrder = z.output<typeof AskOrder>;

export const askSummary = 'Answers a question by a language model that may call operations of this agent';

export const askExample: z.input<typeof AskOrder> = { operation: askOperation, question: 'What can you do?' };

/** What a task that asked has as its result. */
export interface AskResult {
  /** Text, or what the schema asks for. */
  readonly answer: unknown;
  /** The model that gave the answer, as its server calls it. */
  readonly model: string;
  readonly steps: number;
  readonly tools: readonly { readonly step: number; readonly tool: string; readonly ok: boolean }[];
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
  /** Version of the instructions. */
  readonly instructions: string;
  /** How much of its conversation it was read with. */
  readonly conversation?: { readonly turns: number; readonly summarised: boolean };
}
