import type { ToolCallPage, ToolCallView } from '@pulser/contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { mcpPath } from '../../mcp/mcp-queries.js';
import { type CallSearch, queryOf } from './call-search.policy.js';

export const callsPath = `${mcpPath}/calls`;

const pageSize = 100;

/** Newest first. */
export const callsQuery = (search: CallSearch) =>
  infiniteQueryOptions({
    queryKey: ['mcp', 'calls', 'list', queryOf(search)],
    queryFn: ({ pageParam, signal }) =>
      api.get<ToolCallPage>(callsPath, { query: { ...queryOf(search), before: pageParam, limit: pageSize }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_before }: ToolCallPage) => next_before ?? undefined,
  });

export const callQuery = (callId: string) =>
  queryOptions({
    queryKey: ['mcp', 'calls', 'one', callId],
    queryFn: ({ signal }) => api.get<ToolCallView>(`${callsPath}/${encodeURIComponent(callId)}`, { signal }),
    // It changes until it has ended.
    refetchInterval: ({ state: { data } }) => (data?.outcome === 'pending' ? 2_000 : false),
  });
