// What agents can do: the operations with their schemas, as they registered them.
import type { OperationDescription } from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';

/** An answer of `GET /api/v1/task-types`. */
export interface TaskTypeView {
  readonly task_type: string;
  readonly agent: string;
  /** Agents that take over while it fails. */
  readonly backups: readonly string[];
  readonly max_attempts: number;
  readonly time_limit_ms: number;
  readonly operations: readonly OperationDescription[];
}

export const taskTypesQuery = queryOptions({
  queryKey: ['task-types'],
  queryFn: ({ signal }) => api.get<{ task_types: readonly TaskTypeView[] }>('/api/v1/task-types', { signal }),
  staleTime: 60_000,
});
