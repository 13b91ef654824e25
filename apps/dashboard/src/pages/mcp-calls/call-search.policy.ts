// What narrows the log of calls: the filters of the API, as the address has them and as people type them.
import type { ToolCallOutcome } from '@pulser/contracts';

import type { Query } from '../../api/client.js';
import { oneOf, textOf } from '../../app/search.policy.js';
import { outcomeLooks } from '../../mcp/tool-words.policy.js';
import type { Chip } from '../../ui/chips.js';

export interface CallSearch {
  readonly tool?: string;
  readonly server?: string;
  readonly outcome?: ToolCallOutcome;
  /** Id of a task. */
  readonly task?: string;
  readonly agent?: string;
  /** Id of a key, or subject of a person. */
  readonly principal?: string;
  /** Id of the call that is open. */
  readonly open?: string;
}

const filters = ['tool', 'server', 'outcome', 'task', 'agent', 'principal'] as const;
type Filter = (typeof filters)[number];

/** As people type them. */
const names = { tool: 'tool', server: 'server', outcome: 'outcome', task: 'task', agent: 'agent', principal: 'by' };

export const outcomes = Object.keys(outcomeLooks) as readonly ToolCallOutcome[];

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

const taskOf = (value: unknown): string | undefined => {
  const text = textOf(value, 40);
  return text !== undefined && uuid.test(text) ? text : undefined;
};

export const callSearchOf = (search: Readonly<Record<string, unknown>>): CallSearch => {
  const tool = textOf(search['tool'], 64);
  const found = {
    tool: tool !== undefined && /^[\w-]+$/.test(tool) ? tool : undefined,
    server: textOf(search['server'], 64),
    outcome: oneOf(search['outcome'], outcomes),
    task: taskOf(search['task']),
    agent: textOf(search['agent'], 64),
    principal: textOf(search['principal'], 200),
    open: textOf(search['open'], 40),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};

/** The query of the API. */
export const queryOf = ({ tool, server, outcome, task, agent, principal }: CallSearch): Query => ({
  ...{ tool, server, outcome },
  ...{ task, agent, principal },
});

const filterOf = (word: string): Filter | undefined => filters.find((filter) => names[filter] === word);

/** What a word without a name is: the id of a task, the name of a tool, an outcome, or else a server. */
const guessOf = (text: string): Filter => {
  if (uuid.test(text)) return 'task';
  if (text.includes('__')) return 'tool';
  return outcomes.some((outcome) => outcome === text) ? 'outcome' : 'server';
};

/** The search with what was typed: `outcome:timeout`, `by:<id>`, or a word alone. What was open is closed. */
export const searchWith = (search: CallSearch, typed: string): CallSearch => {
  const text = typed.trim();
  if (text === '') return search;
  const [, name = '', value = ''] = /^(\w+):(.+)$/s.exec(text) ?? [];
  const filter = filterOf(name);
  const closed = { ...search, open: undefined };
  return filter === undefined
    ? callSearchOf({ ...closed, [guessOf(text)]: text })
    : callSearchOf({ ...closed, [filter]: value.trim() });
};

export const chipsOf = (search: CallSearch): Chip[] =>
  filters.flatMap((id) => {
    const value = search[id];
    return value === undefined ? [] : [{ id, name: names[id], value }];
  });

/** The search without a filter, or without what is open. */
export const searchWithout = (search: CallSearch, filter: string): CallSearch =>
  callSearchOf({ ...search, [filter]: undefined });
