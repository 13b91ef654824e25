import type { TaskView } from '@pulser/contracts';
import type { ReactNode } from 'react';

import { hasEnded } from '../../api/task-states.js';
import { PlaceLink } from '../../app/place-link.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { ResultView } from '../task/result-view.js';
import { useTask } from './use-task.js';

interface TaskOutcomeProps {
  readonly taskId: string;
  /** What the result shows; undefined when it is none that this page knows. */
  readonly children: (task: TaskView) => ReactNode;
}

/** A task that the page has submitted: how it goes, why it failed, what it found. */
export const TaskOutcome = ({ taskId, children }: TaskOutcomeProps) => {
  const { data, error, refetch } = useTask(taskId);
  if (data === undefined) {
    return error === null ? (
      <Skeleton width="100%" height="160px" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  const { task } = data;
  return (
    <div className="stack">
      <p className="cluster" aria-live="polite">
        <StatusBadge status={task.status} />
        <PlaceLink place={`/tasks/${taskId}`}>Its task</PlaceLink>
        <RelativeTime at={task.timings.created_at} />
      </p>
      {task.error !== null && (
        <Note kind={task.status === 'failed' ? 'bad' : 'warn'} icon="alert">
          <code>{task.error.code}</code> {task.error.message}
        </Note>
      )}
      {!hasEnded(task) && <Skeleton width="100%" height="120px" />}
      {task.status === 'completed' && (children(task) ?? <ResultView taskId={taskId} result={task.result} />)}
    </div>
  );
};
