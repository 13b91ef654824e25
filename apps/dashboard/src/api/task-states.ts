// The states and priorities of tasks as values. Written out here, because the schemas would come with the first load.
import type { Priority, TaskStatus } from '@pulser/contracts';

export const openStatuses = ['running', 'queued', 'retrying', 'scheduled', 'waiting'] as const satisfies TaskStatus[];

const endedStatuses = ['completed', 'failed', 'cancelled'] as const satisfies TaskStatus[];

export const statuses = [...openStatuses, ...endedStatuses] as const;

export const priorities = ['high', 'medium', 'low'] as const satisfies Priority[];

/** Whether a task in this state stays as it is. */
export const hasEnded = ({ status }: { readonly status: TaskStatus }): boolean =>
  endedStatuses.some((ended) => ended === status);
