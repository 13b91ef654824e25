// What narrows the list of tools: as the address has it, and which tools it leaves.
import type { McpTool, ToolFlag } from '@pulser/contracts';

import { fitOf } from '../../app/palette.policy.js';
import { oneOf, textOf } from '../../app/search.policy.js';

export const toolFlags = ['read', 'write', 'destructive'] as const satisfies readonly ToolFlag[];

export interface ToolSearch {
  /** Words of its name or description. */
  readonly q?: string;
  readonly server?: string;
  readonly flag?: ToolFlag;
  /** What is to be done: the server finds the tools that fit. */
  readonly task?: string;
}

export const toolSearchOf = (search: Readonly<Record<string, unknown>>): ToolSearch => {
  const q = textOf(search['q'], 200);
  const server = textOf(search['server'], 64);
  const flag = oneOf(search['flag'], toolFlags);
  const task = textOf(search['task'], 2_000);
  return {
    ...(q !== undefined && { q }),
    ...(server !== undefined && { server }),
    ...(flag !== undefined && { flag }),
    ...(task !== undefined && { task }),
  };
};

type Shown = Pick<McpTool, 'name' | 'title' | 'description' | 'server' | 'flag'>;

/** In their order: it may say which fits best. */
export const narrowed = <Tool extends Shown>(tools: readonly Tool[], { q = '', server, flag }: ToolSearch): Tool[] =>
  tools.filter(
    (tool) =>
      (server === undefined || tool.server === server) &&
      (flag === undefined || tool.flag === flag) &&
      fitOf(q, `${tool.name} ${tool.title ?? ''} ${tool.description}`) !== undefined,
  );
