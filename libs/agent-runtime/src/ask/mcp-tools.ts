// Tools of MCP servers for a model: it starts with those that fit the question, and finds others by `find_tool`. All of them are
// in the view of the agent that asks, which the coordinator checks at every call.
import type { FoundTool } from '@pulser/contracts';
import { z } from 'zod';

import type { TaskContext } from '../skills/task-context.js';
import type { TaskTools } from '../skills/task-tools.js';
import { checked, type McpTool, type ToolFinder } from './ask-tools.js';

export const findToolName = 'find_tool';

const maxFound = 5;

const waits = 'Persons have to approve each call: the task waits for them.';

const Wanted = z.strictObject({
  query: z.string().trim().min(1).max(2_000).meta({ description: 'What is to be done, in any words' }),
});

const isMcpName = (name: string): boolean => name.includes('__');

const offered = (tool: FoundTool): FoundTool => ({
  ...tool,
  description: tool.needs_approval ? `${tool.description} (${waits})` : tool.description,
});

/** The tools that an `ask` starts with: those that the order names, or those that fit the question. */
export const firstMcpTools = async (
  { tools }: Pick<TaskContext, 'tools'>,
  question: string,
  listed: readonly string[] | undefined,
): Promise<readonly FoundTool[]> => {
  if (listed === undefined) return (await tools.find(question.slice(0, 2_000), maxFound)).map(offered);
  const names = listed.filter(isMcpName);
  if (names.length === 0) return [];
  const known = await tools.list(names);
  return known.map(({ name, description, flag, needs_approval, input_schema }) =>
    offered({ name, description, flag, needs_approval, input_schema }),
  );
};

/** Whether the model may look for more: not where the order names its tools, unless it names the finder. */
export const findsMore = (first: readonly FoundTool[], listed: readonly string[] | undefined): boolean =>
  listed?.includes(findToolName) ?? first.length > 0;

export const mcpTool = (tools: Pick<TaskTools, 'call'>, found: FoundTool): McpTool => ({
  kind: 'mcp',
  described: { name: found.name, description: found.description, parameters: found.input_schema },
  call: async (given, key) => {
    const { structured, content } = await tools.call(found.name, given, { key });
    return structured ?? content;
  },
});

export const toolFinder = (tools: TaskTools): ToolFinder => ({
  kind: 'finder',
  described: {
    name: findToolName,
    description: 'Finds more tools for what is to be done. What it returns can be called by its name from then on',
    parameters: z.toJSONSchema(Wanted, { io: 'input' }),
  },
  find: async (given) => (await tools.find(checked(Wanted, given).query, maxFound)).map(offered),
  offer: (found) => mcpTool(tools, found),
});
