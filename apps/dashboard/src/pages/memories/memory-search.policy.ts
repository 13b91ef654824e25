// What the search box of the memories understands: `agent:dash type:rule subject:"Acme Inc" who signs transfers?`. The words
// with a colon are filters, the rest is looked for by its meaning. The same stands in the URL.
import type { MemoryTrust, SearchMemories } from '@pulser/contracts';

import { oneOf, textOf } from '../../app/search.policy.js';
import type { Chip } from '../../ui/chips.js';

// Written out, because the schemas would come with it.
export const trusts = ['stated', 'observed', 'derived'] as const satisfies readonly MemoryTrust[];

export interface MemorySearch {
  /** What is looked for by its meaning; without it the memories are listed, the newest first. */
  readonly q?: string | undefined;
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  readonly agent?: string | undefined;
  readonly trust?: MemoryTrust | undefined;
}

const names = ['q', 'type', 'subject', 'agent', 'trust'] as const satisfies readonly (keyof MemorySearch)[];

const words: Readonly<Record<string, keyof MemorySearch>> = {
  type: 'type',
  subject: 'subject',
  about: 'subject',
  agent: 'agent',
  trust: 'trust',
};

/** The filters of a URL; what is none is left out. */
export const memorySearchOf = (search: Readonly<Record<string, unknown>>): MemorySearch => {
  const found: MemorySearch = {
    q: textOf(search['q'], 4_000),
    type: textOf(search['type'], 64),
    subject: textOf(search['subject'], 200),
    agent: textOf(search['agent'], 40),
    trust: oneOf(search['trust'], trusts),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};

// A word may be quoted, so that its value may hold spaces: subject:"Acme Inc".
const token = /(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/g;

/** What was typed, beside the filters that there are: the text replaces the text, filters change. */
export const memorySearchWith = (before: MemorySearch, typed: string): MemorySearch => {
  const next: Record<string, unknown> = { ...before };
  const texts: string[] = [];
  for (const [whole, word = '', quoted, plain = ''] of typed.matchAll(token)) {
    const name = Object.hasOwn(words, word) ? words[word] : undefined;
    const value = quoted ?? plain;
    if (name === undefined || value === '') texts.push(whole);
    else next[name] = value;
  }
  if (texts.length > 0) next['q'] = texts.join(' ');
  return memorySearchOf(next);
};

const chipNames: Readonly<Record<keyof MemorySearch, string>> = {
  q: 'meaning',
  type: 'type',
  subject: 'subject',
  agent: 'agent',
  trust: 'trust',
};

/** The filters as chips. */
export const memoryChipsOf = (search: MemorySearch): Chip[] =>
  names.flatMap((name) => {
    const value = search[name];
    return value === undefined ? [] : [{ id: name, name: chipNames[name], value }];
  });

/** The filters of the list alone, as the API takes them. */
export const filtersOf = ({ type, subject, agent, trust }: MemorySearch): Omit<MemorySearch, 'q'> => ({
  ...(type !== undefined && { type }),
  ...(subject !== undefined && { subject }),
  ...(agent !== undefined && { agent }),
  ...(trust !== undefined && { trust }),
});

/** So many hits are asked for; the API gives no more. */
export const maxHits = 100;

/** What is asked for by meaning. */
export const searchBodyOf = (search: MemorySearch, text: string): Pick<SearchMemories, 'text' | 'limit'> => ({
  ...filtersOf(search),
  text,
  limit: maxHits,
});
