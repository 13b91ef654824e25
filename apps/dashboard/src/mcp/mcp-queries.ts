import type { McpServerDetail, McpServerList, McpTool, McpToolList } from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api } from '../api/client.js';

export const mcpPath = '/api/v1/mcp';

const live = { liveEveryMs: 1_000, shows: ['mcp'] as const };

export const serversQuery = queryOptions({
  queryKey: ['mcp', 'servers'],
  queryFn: async ({ signal }) => (await api.get<McpServerList>(`${mcpPath}/servers`, { signal })).servers,
  meta: live,
});

export const serverQuery = (name: string) =>
  queryOptions({
    queryKey: ['mcp', 'server', name],
    queryFn: ({ signal }) => api.get<McpServerDetail>(`${mcpPath}/servers/${encodeURIComponent(name)}`, { signal }),
    meta: live,
  });

/** All that the caller may call, without their schemas. */
export const toolsQuery = queryOptions({
  queryKey: ['mcp', 'tools'],
  queryFn: async ({ signal }) =>
    (await api.get<McpToolList>(`${mcpPath}/tools`, { query: { schemas: false }, signal })).tools,
  meta: { ...live, liveEveryMs: 5_000 },
});

const maxFound = 20;

/** Those that fit what is to be done, the best first. */
export const foundToolsQuery = (text: string) =>
  queryOptions({
    queryKey: ['mcp', 'found', text],
    queryFn: async ({ signal }) => {
      const query = { query: text, limit: maxFound, schemas: false };
      return (await api.get<McpToolList>(`${mcpPath}/tools`, { query, signal })).tools;
    },
    staleTime: 60_000,
  });

export const toolQuery = (name: string) =>
  queryOptions({
    queryKey: ['mcp', 'tool', name],
    queryFn: ({ signal }) => api.get<McpTool>(`${mcpPath}/tools/${encodeURIComponent(name)}`, { signal }),
    meta: { ...live, liveEveryMs: 5_000 },
  });
