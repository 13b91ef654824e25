import type { MemoryCoverage, MemoryHits, MemoryPage, MemoryView } from '@pulser/contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { type MemorySearch, searchBodyOf } from './memory-search.policy.js';

export const memoriesPath = '/api/v1/memories';

export const memoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['memories', 'one', id],
    queryFn: ({ signal }) => api.get<MemoryView>(`${memoriesPath}/${encodeURIComponent(id)}`, { signal }),
  });

/** What is nearest in meaning, with scores. */
export const hitsQuery = (search: MemorySearch, text: string) =>
  queryOptions({
    queryKey: ['memories', 'hits', search],
    queryFn: ({ signal }) => api.post<MemoryHits>(`${memoriesPath}/search`, searchBodyOf(search, text), { signal }),
    placeholderData: keepPreviousData,
  });

/** How many memories each embedding model can find. */
export const coverageQuery = queryOptions({
  queryKey: ['memories', 'models'],
  queryFn: ({ signal }) => api.get<MemoryCoverage>(`${memoriesPath}/models`, { signal }),
  refetchInterval: 30_000,
});

/** Which memories are forgotten together, as the API takes it. */
export interface ForgetFilter {
  readonly subject?: string;
  readonly type?: string;
  readonly agent?: string;
  /** RFC 3339. */
  readonly older_than?: string;
}

/** Memories of which the exact number is said before they are forgotten; of more it is said that they are more. */
export const maxCounted = 2_000;

export interface Counted {
  readonly count: number;
  readonly isMore: boolean;
}

/** How many memories a filter has: the API lists and does not count, so they are listed. */
export const countQuery = (filter: ForgetFilter) =>
  queryOptions({
    queryKey: ['memories', 'count', filter],
    queryFn: async ({ signal }): Promise<Counted> => {
      const { older_than: created_before, ...same } = filter;
      let count = 0;
      let cursor: string | null = null;
      do {
        const query = { ...same, created_before, limit: 100, cursor };
        const page: MemoryPage = await api.get<MemoryPage>(memoriesPath, { query, signal });
        count += page.memories.length;
        cursor = page.next_cursor;
      } while (cursor !== null && count < maxCounted);
      return { count, isMore: cursor !== null };
    },
    staleTime: 0,
    gcTime: 0,
  });

/** Forgets one. One that somebody else forgot meanwhile is forgotten too. @throws ApiError */
export const forgetOne = async (id: string): Promise<void> => {
  try {
    await api.delete(`${memoriesPath}/${id}`);
  } catch (error) {
    if (!isApiError(error, 'not_found')) throw error;
  }
};
