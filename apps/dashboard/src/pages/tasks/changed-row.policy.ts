import type { TaskSummary } from '@pulser/contracts';

import { hasEnded } from '../../api/task-states.js';
import type { TaskChange } from '../../live/live-event.js';

/**
 * A row of a list after a change that the server told: state, attempt, and the times that follow from it. A change that is
 * older than what the row shows leaves it as it is.
 */
export const changedRow = (row: TaskSummary, change: TaskChange): TaskSummary => {
  const { timings } = row;
  const isOld = Date.parse(change.at) < Date.parse(timings.updated_at) || change.attempt < row.attempts;
  if (isOld || hasEnded(row)) return row;
  const startedAt = change.status === 'running' ? change.at : timings.started_at;
  const isOver = hasEnded(change);
  return {
    ...row,
    status: change.status,
    attempts: change.attempt,
    assigned_agent: change.agent,
    timings: {
      ...timings,
      updated_at: change.at,
      started_at: startedAt,
      completed_at: isOver ? change.at : null,
      run_ms: isOver && startedAt !== null ? Date.parse(change.at) - Date.parse(startedAt) : timings.run_ms,
    },
  };
};
