// How a list of tasks is read: by the filter that is likely to match the fewest, while the others are checked on the rows.
import type { Label, TaskQuery, TaskStatus } from '@pulser/contracts';

import type { StateIndex } from './task-sources.js';

/** A part of the index of tasks by state. */
export interface StateRange {
  readonly index: StateIndex;
  /** Whether they were claimed; undefined: either. */
  readonly claimed?: boolean;
}

/** What the members of a route must be; undefined: anything. */
export interface RouteFilter {
  readonly agent?: string | undefined;
  readonly taskType?: string | undefined;
  readonly operation?: string | undefined;
  readonly priority?: string | undefined;
}

export type TaskPlan =
  | { readonly by: 'all' }
  | { readonly by: 'parent'; readonly parentId: string }
  | { readonly by: 'label'; readonly label: Label }
  | { readonly by: 'error'; readonly code: string }
  | { readonly by: 'text'; readonly text: string }
  | { readonly by: 'submitter'; readonly submitter: string }
  | { readonly by: 'state'; readonly ranges: readonly StateRange[] }
  | { readonly by: 'route'; readonly route: RouteFilter };

// What is queued may be queued again, and put off after an attempt; what waits for its key was never claimed.
const rangesOf = {
  scheduled: { index: 'pending' },
  waiting: { index: 'pending' },
  queued: { index: 'active' },
  running: { index: 'active', claimed: true },
  retrying: { index: 'active', claimed: true },
  failed: { index: 'failed' },
  cancelled: { index: 'cancelled' },
} as const satisfies Record<Exclude<TaskStatus, 'completed'>, StateRange>;

type IndexedStatus = keyof typeof rangesOf;

/** Each index once, as wide as its states need it. */
export const stateRanges = (statuses: readonly IndexedStatus[]): StateRange[] =>
  [
    ...Map.groupBy(
      statuses.map((status): StateRange => rangesOf[status]),
      ({ index }) => index,
    ),
  ].map(([index, ranges]) => {
    const [{ claimed } = {}, ...others] = ranges;
    return claimed !== undefined && others.every((other) => other.claimed === claimed) ? { index, claimed } : { index };
  });

/**
 * Whether the statuses narrow a list. Nearly all tasks have completed: those are read by the primary key, since an index of
 * them would cost every task more than it could save.
 */
const areIndexed = (statuses: readonly TaskStatus[]): statuses is readonly IndexedStatus[] =>
  !statuses.includes('completed');

export const taskPlan = (query: Partial<TaskQuery>): TaskPlan => {
  const { parent_id, label, error_code, q, submitted_by, status, agent, task_type, operation, priority } = query;
  if (parent_id !== undefined) return { by: 'parent', parentId: parent_id };
  const [first] = label ?? [];
  if (first !== undefined) return { by: 'label', label: first };
  if (error_code !== undefined) return { by: 'error', code: error_code };
  if (q !== undefined) return { by: 'text', text: q };
  if (status !== undefined && areIndexed(status)) return { by: 'state', ranges: stateRanges(status) };
  if ([agent, task_type, operation, priority].some((value) => value !== undefined))
    return { by: 'route', route: { agent, taskType: task_type, operation, priority } };
  if (submitted_by !== undefined) return { by: 'submitter', submitter: submitted_by };
  return { by: 'all' };
};

/** The end of the texts that begin with a prefix, in the order of their bytes. */
export const endOfPrefix = (prefix: string): string => `${prefix}\u{10ffff}`;

/** The ids that begin with a text; undefined when none can. `until` is not among them. */
export const idsFrom = (text: string): { readonly from: string; readonly to: string } | undefined => {
  const given = text.toLowerCase();
  if (!/^[\da-f-]{1,36}$/.test(given)) return undefined;
  const shape = (fill: string): string =>
    `${given}${'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'.slice(given.length).replaceAll('x', fill)}`;
  const [from, to] = [shape('0'), shape('f')];
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(from) ? { from, to } : undefined;
};

/** Ids that several sources gave for a page, together. */
export interface MergedIds {
  /** Newest first, each once. */
  readonly ids: readonly string[];
  /** Where the next ids begin; undefined when no source has more. */
  readonly next: string | undefined;
}

/**
 * What is certain of several lists of ids in falling order. A list as long as was asked for may go on behind its last id, so
 * only ids from the highest of these on are complete.
 * @param most ids that each was asked for
 */
export const merged = (lists: readonly (readonly string[])[], most: number): MergedIds => {
  const ends = lists.flatMap((list) => (list.length < most ? [] : list.slice(-1)));
  const next = ends.sort().at(-1);
  const ids = [...new Set(lists.flat())].sort().reverse();
  return { ids: next === undefined ? ids : ids.filter((id) => id >= next), next };
};
