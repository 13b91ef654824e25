import type { DeadLetterPage, DeadLetterView, TaskView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { PlaceLink } from '../../app/place-link.js';
import { AgentName } from '../../ui/agent.js';
import { ErrorState } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { childrenQuery } from './task-queries.js';
import { WaitsPanel } from './waits-panel.js';

/** The dead letter of a failed task, with what was made from it; null when there is none (any more). */
export const deadLetterQuery = (taskId: string) => ({
  queryKey: ['task', taskId, 'dead-letter'],
  queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<DeadLetterView | null> => {
    const query = { task_id: taskId, state: 'all', limit: 1 };
    const { dead_letters } = await api.get<DeadLetterPage>('/api/v1/dead-letters', { query, signal });
    const [found] = dead_letters;
    return found === undefined
      ? null
      : api.get<DeadLetterView>(`/api/v1/dead-letters/${found.dead_letter_id}`, { signal });
  },
});

/** What a task came from and what came from it: its parent, its children, the chain of its replays. */
export const RelatedTasks = ({ task }: { readonly task: TaskView }) => {
  const children = useQuery(childrenQuery(task.task_id));
  const deadLetter = useQuery({ ...deadLetterQuery(task.task_id), enabled: task.status === 'failed' });
  const replays = deadLetter.data?.replays ?? [];
  if (children.error !== null) return <ErrorState error={children.error} onRetry={() => void children.refetch()} />;
  return (
    <div className="related">
      <WaitsPanel task={task} />
      {task.parent_id !== null && (
        <Panel title="Step of">
          <TaskLink id={task.parent_id} />
        </Panel>
      )}
      {task.replay_of !== null && (
        <Panel title="Replay of">
          <TaskLink id={task.replay_of} />
        </Panel>
      )}
      {replays.map((replay) => (
        <Panel key={replay.task_id} title="Replayed as">
          <p className="cluster">
            <TaskLink id={replay.task_id} />
            {replay.status !== null && <StatusBadge status={replay.status} />}
            <RelativeTime at={replay.replayed_at} />
            <span className="muted">{replay.replayed_by}</span>
          </p>
          {Object.keys(replay.edits).length > 0 && <JsonView value={replay.edits} label="What was changed" />}
        </Panel>
      ))}
      <Panel title="Steps" isFlush>
        {children.data?.tasks.length === 0 ? (
          <p className="quiet-line">This task started no others.</p>
        ) : (
          <table className="plain-table">
            <tbody>
              {children.data?.tasks.map((child) => (
                <tr key={child.task_id}>
                  <td>
                    <StatusBadge status={child.status} />
                  </td>
                  <td>
                    <TaskLink id={child.task_id} />
                  </td>
                  <td>
                    <AgentName agent={child.assigned_agent} />
                  </td>
                  <td>{child.operation}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {typeof children.data?.next_cursor === 'string' && (
          <p className="quiet-line">
            <PlaceLink place={`/tasks?parent_id=${task.task_id}`}>All of them</PlaceLink>
          </p>
        )}
      </Panel>
    </div>
  );
};

const TaskLink = ({ id }: { readonly id: string }) => (
  <PlaceLink place={`/tasks/${id}`} className="mono">
    {id}
  </PlaceLink>
);
