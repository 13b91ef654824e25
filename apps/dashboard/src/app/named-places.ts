// Pages that are known by the name of what they show: agents, datasets, tools. Asked for while the palette is open.
import type { DatasetPage } from '@pulser/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';

import { api } from '../api/client.js';
import { toolsQuery } from '../mcp/mcp-queries.js';
import { registrationsQuery } from '../pages/agents/agent-queries.js';
import { may, useCaller } from '../session/session.js';
import type { CommandGroup } from './commands.js';
import { namePrefixOf } from './palette.policy.js';

const maxDatasets = 20;

/** Letters from which on tools are offered. */
const minLetters = 2;

/** Milliseconds for which a name that was found is taken to be there. */
const freshMs = 10_000;

const datasetsQuery = (prefix: string) => ({
  queryKey: ['datasets', 'named', prefix],
  queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
    (await api.get<DatasetPage>('/api/v1/datasets', { query: { prefix, limit: maxDatasets }, signal })).datasets,
});

/** @param typed into the palette: datasets are looked for by how their name begins */
export const useNamedPlaces = (typed: string): readonly CommandGroup[] => {
  const navigate = useNavigate();
  const caller = useCaller();
  const hasTenant = caller?.tenant !== null;
  const prefix = useDeferredValue(namePrefixOf(typed));
  const agents = useQuery({ ...registrationsQuery, staleTime: freshMs }).data?.agents;
  const { data: datasets } = useQuery({
    ...datasetsQuery(prefix ?? ''),
    enabled: hasTenant && prefix !== undefined,
    staleTime: freshMs,
    placeholderData: keepPreviousData,
  });
  // A list of all of them would only be in the way of who has typed nothing.
  const hasTools = hasTenant && may(caller, 'operator') && typed.trim().length >= minLetters;
  const { data: tools } = useQuery({
    ...toolsQuery,
    enabled: hasTools,
    staleTime: freshMs,
  });
  return useMemo(() => {
    const names = [...new Set(agents?.map(({ agent }) => agent))].sort();
    return [
      {
        title: 'Agent',
        commands: names.map((agent) => ({
          id: agent,
          title: agent,
          icon: 'agents' as const,
          run: () => void navigate({ to: '/agents/$agent', params: { agent } }),
        })),
      },
      {
        title: 'Dataset',
        commands: (datasets ?? []).map(({ name, versions }) => ({
          id: name,
          title: name,
          hint: versions === 1 ? '1 version' : `${versions} versions`,
          icon: 'datasets' as const,
          run: () => void navigate({ to: '/datasets/$name', params: { name } }),
        })),
      },
      {
        title: 'Tool',
        commands: (hasTools ? (tools ?? []) : []).map(({ name, title, server }) => ({
          id: name,
          title: name,
          hint: server,
          ...(title !== null && { words: title }),
          icon: 'tools' as const,
          run: () => void navigate({ to: '/mcp/tools/$name', params: { name } }),
        })),
      },
    ];
  }, [agents, datasets, hasTools, tools, navigate]);
};
