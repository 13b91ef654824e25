import type { TaskSummary, TaskView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';

/**
 * The name of whom the list is narrowed to: rows have the id of the key alone, so one of them is asked for, once.
 * @returns undefined until it is known
 */
export const useSubmitter = (id: string | undefined, row: TaskSummary | undefined): string | undefined => {
  const { data } = useQuery({
    queryKey: ['submitter', id],
    queryFn: async ({ signal }) =>
      (await api.get<TaskView>(`/api/v1/tasks/${row?.task_id ?? ''}`, { signal })).submitted_by_name,
    enabled: id !== undefined && row?.submitted_by === id,
    staleTime: Infinity,
  });
  return data ?? undefined;
};
