// The tool that finds tools: a model that sees all of them has no room left to think.
import { Injectable } from '@nestjs/common';
import { EmbeddingUnavailable } from '@pulser/embedding';
import { z } from 'zod';

import { fitting } from '../find/tool-budget.policy.js';
import { ToolSearch } from '../find/tool-search.js';
import type { RegisteredTool } from '../registry/definition.policy.js';
import type { ToolAnswer } from '../upstreams/tool-answer.js';
import { errorAnswer, inputSchemaOf, jsonAnswer } from './own-tools.js';

export const findToolName = 'find_tool';

/** All definitions of an answer together. */
export const maxFoundTokens = 2_000;

const Input = z.strictObject({
  query: z.string().trim().min(1).max(2_000).meta({ description: 'What is to be done, in any words' }),
  limit: z.int().min(1).max(20).default(5).meta({ description: 'Tools to return at most' }),
});

const inputSchema = inputSchemaOf(Input);

/** As clients get it. */
export const findToolDefinition = {
  name: findToolName,
  title: 'Find a tool',
  description:
    'Finds the tools that fit what is to be done, the best first, with the schemas of their arguments. Call them by name.',
  inputSchema,
  annotations: { title: 'Find a tool', readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

const shown = ({ exposedName, title, description, flag, needsApproval, inputSchema: schema }: RegisteredTool) => ({
  name: exposedName,
  ...(title !== undefined && { title }),
  description,
  flag,
  needs_approval: needsApproval,
  input_schema: schema,
});

@Injectable()
export class FindTool {
  constructor(private readonly search: ToolSearch) {}

  /** @param visible tools that the caller may call */
  async call(args: unknown, visible: readonly RegisteredTool[]): Promise<ToolAnswer> {
    const parsed = Input.safeParse(args);
    if (!parsed.success) return errorAnswer('invalid_args', 'Say what is to be done: `query` is a text');
    try {
      return jsonAnswer({ tools: await this.find(parsed.data.query, parsed.data.limit, visible) });
    } catch (error) {
      if (error instanceof EmbeddingUnavailable) return errorAnswer('server_unavailable', error.message);
      throw error;
    }
  }

  /** The best tools for a question. @throws EmbeddingUnavailable */
  async best(query: string, limit: number, visible: readonly RegisteredTool[]): Promise<readonly RegisteredTool[]> {
    return (await this.search.search(query, visible)).slice(0, limit).map(({ tool }) => tool);
  }

  /** The best tools for a question, as models get them, within the bound of tokens. @throws EmbeddingUnavailable */
  async find(query: string, limit: number, visible: readonly RegisteredTool[]) {
    return fitting((await this.best(query, limit, visible)).map(shown), maxFoundTokens);
  }
}
