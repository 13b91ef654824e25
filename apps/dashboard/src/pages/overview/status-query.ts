import type { AgentName, Priority, TaskStatus } from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';

/** What waits and runs now: `GET /api/v1/status`. */
export interface StatusView {
  readonly tasks: Partial<Readonly<Record<TaskStatus, number>>>;
  readonly queues: readonly { readonly agent: AgentName; readonly priority: Priority; readonly tasks: number }[];
  readonly agents: readonly { readonly agent: AgentName; readonly last_seen: string }[];
  readonly broker: 'up' | 'blocked' | 'down';
}

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => api.get<StatusView>('/api/v1/status', { signal }),
  meta: { liveEveryMs: 1_500 },
  refetchInterval: 15_000,
});
