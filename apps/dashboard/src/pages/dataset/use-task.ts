import type { AcceptedTask } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { useTaskChanges } from '../../live/use-live.js';
import { taskQuery } from '../task/task-queries.js';

/** A task whose end is waited for; nothing is asked without an id. */
export const useTask = (id: string | undefined) => {
  const client = useQueryClient();
  useTaskChanges((changes) => {
    if (changes.some(({ task_id }) => task_id === id)) void client.invalidateQueries({ queryKey: ['task', id] });
  });
  return useQuery({ ...taskQuery(id ?? ''), enabled: id !== undefined });
};

/** Submits an operation on datasets. @returns the id of its task @throws ApiError */
export const submitPipeline = async (payload: Readonly<Record<string, unknown>>): Promise<string> => {
  const idempotencyKey = crypto.randomUUID();
  const order = { task_type: 'data_pipeline', payload };
  return (await api.post<AcceptedTask>('/api/v1/tasks', order, { idempotencyKey })).task_id;
};
