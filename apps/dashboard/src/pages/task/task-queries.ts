import type { Explanation, TaskPage, TaskSpend, TaskTrace, TaskView, TaskWaitsView } from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api, ask } from '../../api/client.js';
import { hasEnded } from '../../api/task-states.js';

/** A task with its entity tag, by which a change is refused when somebody else was faster. */
export interface TaskWithTag {
  readonly task: TaskView;
  readonly etag: string | null;
}

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ['task', id],
    queryFn: async ({ signal }): Promise<TaskWithTag> => {
      const { body, etag } = await ask<TaskView>(`/api/v1/tasks/${encodeURIComponent(id)}`, { signal });
      return { task: body, etag };
    },
    // The stream says when it changes; should that be lost, an open task is looked at now and then.
    refetchInterval: (query) => (query.state.data === undefined || hasEnded(query.state.data.task) ? false : 10_000),
  });

export const explanationQuery = (id: string) =>
  queryOptions({
    queryKey: ['task', id, 'explain'],
    queryFn: ({ signal }) => api.get<Explanation>(`/api/v1/tasks/${encodeURIComponent(id)}/explain`, { signal }),
    refetchInterval: 5_000,
  });

/** Milliseconds after the end of a task in which services may still store spans of it. */
const lateSpansMs = 10_000;

export const traceQuery = ({ task_id: id, status, timings }: TaskView) =>
  queryOptions({
    queryKey: ['task', id, 'trace'],
    queryFn: ({ signal }) => api.get<TaskTrace>(`/api/v1/tasks/${encodeURIComponent(id)}/trace`, { signal }),
    refetchInterval: () => {
      const endedAt = timings.completed_at === null ? Infinity : Date.parse(timings.completed_at);
      return hasEnded({ status }) && Date.now() - endedAt > lateSpansMs ? false : 3_000;
    },
  });

export const waitsQuery = ({ task_id: id, status }: TaskView) =>
  queryOptions({
    queryKey: ['task', id, 'waits'],
    queryFn: ({ signal }) => api.get<TaskWaitsView>(`/api/v1/tasks/${encodeURIComponent(id)}/waits`, { signal }),
    refetchInterval: hasEnded({ status }) ? false : 3_000,
  });

export const spendQuery = ({ task_id: id, status }: TaskView) =>
  queryOptions({
    queryKey: ['task', id, 'spend'],
    queryFn: ({ signal }) => api.get<TaskSpend>(`/api/v1/tasks/${encodeURIComponent(id)}/spend`, { signal }),
    refetchInterval: hasEnded({ status }) ? false : 3_000,
  });

/** Tasks that this one started. */
export const childrenQuery = (id: string) =>
  queryOptions({
    queryKey: ['task', id, 'children'],
    queryFn: ({ signal }) => api.get<TaskPage>('/api/v1/tasks', { query: { parent_id: id, limit: 100 }, signal }),
  });
