// The trail of a tenant, or of the installation for its keys: both answer alike.
import type { AuditEntryView, AuditPage, AuditVerdict, CallerView } from '@pulser/contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { type AuditSearch, queryOf } from './audit-search.policy.js';

/** Where the trail of the caller is. */
export const trailOf = (caller: Pick<CallerView, 'tenant'> | undefined): string =>
  caller?.tenant === null ? '/api/v1/installation/audit' : '/api/v1/audit';

/** Entries that a page of the API brings. */
const pageSize = 100;

/** The entries of a search, newest first. */
export const entriesQuery = (trail: string, search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', trail, queryOf(search)],
    queryFn: ({ pageParam, signal }) =>
      api.get<AuditPage>(trail, { query: { ...queryOf(search), before: pageParam, limit: pageSize }, signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next_before }: AuditPage) => next_before ?? undefined,
  });

export interface OneEntry {
  /** Null when there is none with the number. */
  readonly entry: AuditEntryView | null;
  /** The one that its hash is chained to; null for the first. */
  readonly before: AuditEntryView | null;
}

export const entryQuery = (trail: string, seq: number) =>
  queryOptions({
    queryKey: ['audit', trail, 'entry', seq],
    queryFn: async ({ signal }): Promise<OneEntry> => {
      const { entries } = await api.get<AuditPage>(trail, { query: { before: seq + 1, limit: 2 }, signal });
      const entry = entries.find((one) => one.seq === seq) ?? null;
      return { entry, before: entry === null ? null : (entries.find((one) => one.seq === seq - 1) ?? null) };
    },
    // Entries never change.
    staleTime: Infinity,
  });

/** Asks for the whole chain to be computed anew. */
export const verify = (trail: string): Promise<AuditVerdict> => api.get<AuditVerdict>(`${trail}/verdict`);
