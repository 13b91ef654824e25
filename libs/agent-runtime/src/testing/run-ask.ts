// The test kit for `ask`: an agent answers by a model that is given, with its instructions, tools and limits as in a worker,
// without database or broker. Requests are neither paid for nor tried again.
import { PayloadChecks } from '@pulser/context-bus';
import type { FoundTool } from '@pulser/contracts';
import type { ChatAnswer, ChatRequest } from '@pulser/models';
import { type z } from 'zod';

import { readAnswer } from '../ask/ask-answer.js';
import { alone } from '../ask/ask-conversations.js';
import { type AskParts, AskRun } from '../ask/ask-run.js';
import { type AskTool, askTools } from '../ask/ask-tools.js';
import { delegateTool } from '../ask/delegate.js';
import { instructionsOf } from '../ask/instructions.js';
import { findsMore, firstMcpTools, mcpTool, toolFinder } from '../ask/mcp-tools.js';
import { AskOrder, askOperation, askSummary, askExample, type AskResult } from '../skills/ask-order.js';
import type { Operation, Skill } from '../skills/skill.js';
import type { TaskContext } from '../skills/task-context.js';
import { Suspended } from '../skills/waiting.js';
import { runOperation, type RunOptions } from './run-operation.js';

export { TaskError } from '@pulser/contracts';
export type { AskResult } from '../skills/ask-order.js';
export { memoryKit } from './memory-kit.js';
export { instructionsOf } from '../ask/instructions.js';

/** Answers as a model does. @throws TaskError as asking a model does */
export type ModelOfTests = (request: ChatRequest, step: number | 'summary') => Promise<ChatAnswer>;

export interface AskOptions extends RunOptions {
  /** Tokens that one answer may have; 2,048 without. */
  readonly maxOutputTokens?: number;
}

const usualOutputTokens = 2_048;
const usualSecondsLeft = 900;

const checks = new PayloadChecks();

const partsOf = (
  order: AskOrder,
  { agent, skill, model, options }: Asked,
  context: TaskContext,
  mcp: readonly FoundTool[],
): AskParts => {
  const found: AskTool[] = mcp.map((tool) => mcpTool(context.tools, tool));
  const more: AskTool[] = findsMore(mcp, order.tools) ? [toolFinder(context.tools)] : [];
  const types = order.delegate_to?.map(({ task_type }) => task_type) ?? [];
  const offered = skill.operations.filter(({ takesOver }) => takesOver !== true);
  const local = askTools(offered, order.tools, context);
  const delegates = types.length === 0 ? [] : [delegateTool(order, types, context, () => usualSecondsLeft)];
  // Effects are those of the ask: each call of an operation has its own.
  const rest = { ...options, effects: new Map() };
  return {
    instructions: instructionsOf(agent, skill.instructions),
    opening: alone,
    tools: new Map<string, AskTool>(
      [...found, ...more, ...local.values(), ...delegates].map((tool) => [tool.described.name, tool]),
    ),
    maxOutputTokens: options.maxOutputTokens ?? usualOutputTokens,
    askModel: model,
    operate: () => async (payload) => (await runOperation(skill, payload, rest)).result,
    read: (text) => readAnswer(text, order.schema, checks),
    toolEnded: () => undefined,
    rethrow: (thrown) => {
      if (thrown instanceof Suspended) throw thrown;
    },
  };
};

interface Asked {
  readonly agent: string;
  readonly skill: Skill;
  readonly model: ModelOfTests;
  readonly options: AskOptions;
}

const asking = (asked: Asked): Operation => ({
  name: askOperation,
  summary: askSummary,
  input: AskOrder,
  example: askExample,
  handle: async (order, context) => {
    const checked = order as AskOrder;
    const mcp = await context.once('ask:mcp', () => firstMcpTools(context, checked.question, checked.tools));
    return new AskRun(checked, context, partsOf(checked, asked, context, mcp)).run();
  },
});

/**
 * Asks an agent.
 * @param order what the payload of the task would be, without its operation
 * @throws TaskError what would be the error of the task
 */
export const runAsk = async (
  agent: string,
  skill: Skill,
  order: Omit<z.input<typeof AskOrder>, 'operation'>,
  model: ModelOfTests,
  options: AskOptions = {},
): Promise<AskResult> => {
  const withAsk = { ...skill, operations: [...skill.operations, asking({ agent, skill, model, options })] };
  const { result, suspended } = await runOperation(withAsk, { ...order, operation: askOperation }, options);
  if (suspended !== undefined) throw new Error(`The ask waits for ${suspended.key}: give its end in the options`);
  return result as AskResult;
};
