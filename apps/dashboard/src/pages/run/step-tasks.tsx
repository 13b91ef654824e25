// The tasks of one step of a run, in the order of its items.
import type { StepTask, StepTaskPage } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { PlaceLink } from '../../app/place-link.js';
import { Button } from '../../ui/button.js';
import { ErrorState } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { WideTable } from '../../ui/wide-table.js';

const looks = {
  open: { tone: 'info', icon: 'running' },
  completed: { tone: 'ok', icon: 'success' },
  failed: { tone: 'bad', icon: 'failed' },
  cancelled: { tone: 'idle', icon: 'slash' },
} as const satisfies Record<StepTask['status'], object>;

interface StepTasksProps {
  readonly runId: string;
  readonly step: string;
  /** Whether its tasks are runs themselves. */
  readonly areRuns: boolean;
}

export const StepTasks = ({ runId, step, areRuns }: StepTasksProps) => {
  const path = `/api/v1/runs/${encodeURIComponent(runId)}/steps/${encodeURIComponent(step)}/tasks`;
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['step-tasks', runId, step],
    queryFn: ({ pageParam, signal }) => api.get<StepTaskPage>(path, { signal, query: { cursor: pageParam } }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next_cursor: next }) => next ?? undefined,
    meta: { liveEveryMs: 1_500 },
  });
  const tasks = data?.pages.flatMap((page) => page.tasks);
  return (
    <Panel title={`Tasks of ${step}`} isFlush aside={<PlaceLink place={`/runs/${runId}`}>Close</PlaceLink>}>
      {tasks === undefined && error === null && <Skeleton width="100%" height="80px" />}
      {tasks === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {tasks?.length === 0 && <p className="quiet-line">None yet.</p>}
      {tasks !== undefined && tasks.length > 0 && <Tasks tasks={tasks} areRuns={areRuns} />}
      {hasNextPage && (
        <p className="quiet-line">
          <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Show more
          </Button>
        </p>
      )}
    </Panel>
  );
};

const Tasks = ({ tasks, areRuns }: { readonly tasks: readonly StepTask[]; readonly areRuns: boolean }) => (
  <WideTable label="Tasks">
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Status</th>
          <th scope="col">Task</th>
          <th scope="col">Error</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map(({ index, status, task_id: id, code }) => (
          <tr key={index}>
            <th scope="row" className="num">
              {index}
            </th>
            <td>
              <Badge {...looks[status]}>{status}</Badge>
            </td>
            <td>
              {id === null ? (
                <span className="muted">was refused</span>
              ) : (
                <PlaceLink place={`/${areRuns ? 'runs' : 'tasks'}/${id}`} className="mono" title={id}>
                  {id.slice(-12)}
                </PlaceLink>
              )}
            </td>
            <td>{code}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </WideTable>
);
