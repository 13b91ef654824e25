// Keys and sessions as pages list them.
import type { KeyList, SessionPage, SessionView } from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: async ({ signal }) => (await api.get<KeyList>('/api/v1/keys', { signal })).keys,
  refetchInterval: 30_000,
});

/** Sessions that are read at most: a page with more says so. */
export const maxSessions = 2_000;
const pageSize = 100;

export interface Sessions {
  readonly sessions: readonly SessionView[];
  /** Whether these are all that the caller may see. */
  readonly isComplete: boolean;
}

/** The open sessions, newest first. All of them, as "all others" must mean all. */
const readSessions = async (signal?: AbortSignal): Promise<Sessions> => {
  const sessions: SessionView[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: pageSize, cursor };
    const page = await api.get<SessionPage>('/api/v1/sessions', { query, signal });
    sessions.push(...page.sessions);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && sessions.length < maxSessions);
  return { sessions, isComplete: cursor === undefined };
};

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => readSessions(signal),
  refetchInterval: 30_000,
});
