// What narrows the audit trail: the filters of the API, as the address has them and as people type them.
import type { Query } from '../../api/client.js';
import { textOf, wholeOf } from '../../app/search.policy.js';
import type { Chip } from '../../ui/chips.js';

export interface AuditSearch {
  /** The whole name, such as `key.created`. */
  readonly action?: string;
  /** Id of a key, or subject of a person. */
  readonly actor_id?: string;
  /** Id of what was changed. */
  readonly target?: string;
  /** Number of the entry that is open. */
  readonly entry?: number;
}

const filters = ['action', 'actor_id', 'target'] as const;
type Filter = (typeof filters)[number];

const names = { action: 'action', actor_id: 'by', target: 'on' } as const satisfies Record<Filter, string>;

export const auditSearchOf = (search: Readonly<Record<string, unknown>>): AuditSearch => {
  const action = textOf(search['action'], 100);
  const actor = textOf(search['actor_id'], 200);
  const target = textOf(search['target'], 200);
  const entry = wholeOf(search['entry'], 1, Number.MAX_SAFE_INTEGER);
  return {
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor_id: actor }),
    ...(target !== undefined && { target }),
    ...(entry !== undefined && { entry }),
  };
};

/** The query of the API; it knows no number of an entry. */
export const queryOf = ({ action, actor_id, target }: AuditSearch): Query => ({ action, actor_id, target });

const filterOf = (word: string): Filter | undefined => filters.find((filter) => names[filter] === word);

/**
 * The search with what was typed: `action:key.created`, `by:<id>`, `on:<id>`. A word with a dot between small letters is an
 * action, any other is what was changed. The entry that was open is closed.
 */
export const searchWith = (search: AuditSearch, typed: string): AuditSearch => {
  const text = typed.trim();
  if (text === '') return search;
  const [, name = '', value = ''] = /^(\w+):(.+)$/s.exec(text) ?? [];
  const filter = filterOf(name);
  const closed = { ...search, entry: undefined };
  if (filter !== undefined) return auditSearchOf({ ...closed, [filter]: value.trim() });
  return auditSearchOf({ ...closed, [/^[a-z][a-z-]*\.[a-z][a-z-]*$/.test(text) ? 'action' : 'target']: text });
};

export const chipsOf = (search: AuditSearch): Chip[] =>
  filters.flatMap((id) => {
    const value = search[id];
    return value === undefined ? [] : [{ id, name: names[id], value }];
  });

/** The search without a filter, or without that and an open entry. */
export const searchWithout = (search: AuditSearch, filter: string): AuditSearch =>
  auditSearchOf({ ...search, [filter]: undefined });
