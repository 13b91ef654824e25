import type { Pause } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { telemetryQuery } from '../../telemetry/telemetry-query.js';
import type { Range } from '../../telemetry/range.policy.js';
import { instancesQuery, pausesQuery, registrationsQuery, type Scope } from './agent-queries.js';
import { type AgentRow, installationRows, tenantRows } from './agent-rows.policy.js';

export interface AgentRows {
  /** Undefined until they are known. */
  readonly rows: readonly AgentRow[] | undefined;
  readonly pauses: readonly Pause[];
  readonly error: Error | null;
  readonly retry: () => void;
}

/** The agents as this caller may see them: a tenant with figures of its own, the installation with all workers. */
export const useAgentRows = (scope: Scope, range: Range): AgentRows => {
  const isTenant = scope === 'tenant';
  const health = useQuery({ ...telemetryQuery('health', range), enabled: isTenant });
  const registrations = useQuery({ ...registrationsQuery, enabled: isTenant });
  const instances = useQuery({ ...instancesQuery, enabled: !isTenant });
  const pauseList = useQuery(pausesQuery(scope));
  const pauses = pauseList.data?.pauses;
  const rows = useMemo(() => {
    if (pauses === undefined) return undefined;
    if (instances.data !== undefined) return installationRows(instances.data, instances.data.conditions, pauses);
    if (health.data === undefined || registrations.data === undefined) return undefined;
    return tenantRows(health.data.agents, registrations.data, pauses);
  }, [health.data, registrations.data, instances.data, pauses]);
  const asked = isTenant ? [health, registrations, pauseList] : [instances, pauseList];
  return {
    rows,
    pauses: pauses ?? [],
    error: asked.find(({ error, data }) => error !== null && data === undefined)?.error ?? null,
    retry: () => {
      for (const query of asked) if (query.error !== null) void query.refetch();
    },
  };
};
