// What the API knows of agents: their registrations, what is paused, and, for operators of the installation, their workers.
import type {
  AgentCondition,
  AgentName,
  InstallationAgents,
  OperationDescription,
  PauseList,
  TaskType,
} from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';

/** One version of an agent, as it registered itself. */
export interface AgentVersionView {
  readonly agent: AgentName;
  readonly version: string;
  readonly task_types: readonly TaskType[];
  readonly operations: readonly OperationDescription[];
  readonly registered_at: string;
  readonly last_seen: string;
}

/** A task type with the limits that hold for its tasks. */
export interface TaskTypeView {
  readonly task_type: TaskType;
  readonly agent: AgentName;
  readonly backups: readonly AgentName[];
  readonly max_attempts: number;
  readonly time_limit_ms: number;
}

/** Whose pauses: those of a tenant, or those that hold for all. */
export type Scope = 'tenant' | 'installation';

const bases: Readonly<Record<Scope, string>> = { tenant: '/api/v1', installation: '/api/v1/installation' };

/** The path of a pause in the API. */
export const pausePath = (scope: Scope, { kind, name }: PauseTarget, verb: 'pause' | 'resume'): string =>
  `${bases[scope]}/${kind}/${encodeURIComponent(name)}/${verb}`;

export interface PauseTarget {
  readonly kind: 'agents' | 'task-types';
  readonly name: string;
}

/** All agents with how they are; for operators with their workers. */
interface AgentsView {
  readonly agents: readonly AgentVersionView[];
  readonly conditions: readonly AgentCondition[];
  readonly workers?: InstallationAgents;
}

export const registrationsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: ({ signal }) => api.get<AgentsView>('/api/v1/agents', { signal }),
  meta: { liveEveryMs: 10_000, shows: ['agents'] as const },
  refetchInterval: 15_000,
});

export const taskTypesQuery = queryOptions({
  queryKey: ['task-types'],
  queryFn: ({ signal }) => api.get<{ readonly task_types: readonly TaskTypeView[] }>('/api/v1/task-types', { signal }),
  meta: { liveEveryMs: 10_000, shows: ['agents'] as const },
});

export const pausesQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['pauses', scope],
    queryFn: ({ signal }) => api.get<PauseList>(`${bases[scope]}/pauses`, { signal }),
    meta: { liveEveryMs: 1_000, shows: ['pauses'] as const },
    refetchInterval: 30_000,
  });

/** Workers are known by their heartbeats, of which the stream says nothing. */
const instancesMs = 5_000;

export const instancesQuery = queryOptions({
  queryKey: ['installation', 'agents'],
  queryFn: async ({ signal }) => {
    const { workers, conditions } = await api.get<AgentsView>('/api/v1/agents', { signal });
    return { complete: workers?.complete ?? false, agents: workers?.agents ?? [], conditions };
  },
  refetchInterval: instancesMs,
});
