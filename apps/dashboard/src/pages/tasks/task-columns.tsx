import type { TaskSummary } from '@pulser/contracts';

import { PlaceLink } from '../../app/place-link.js';
import { AgentName } from '../../ui/agent.js';
import { count } from '../../ui/numbers.policy.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';
import type { Column } from '../../ui/virtual-table.js';

/** What a row of the task list shows; on narrow screens only what tells tasks apart. */
export const taskColumns: readonly Column<TaskSummary>[] = [
  { id: 'status', title: 'State', width: '108px', cell: ({ status }) => <StatusBadge status={status} /> },
  {
    id: 'what',
    title: 'Task',
    width: 'minmax(80px, 2fr)',
    cell: ({ task_id, task_type, operation }) => (
      <PlaceLink place={`/tasks/${task_id}`} className="task-what" tabIndex={-1}>
        <span className="task-operation truncate">
          {operation === null || operation === '' ? task_type : operation}
        </span>
        <span className="task-id mono truncate">{task_id}</span>
      </PlaceLink>
    ),
  },
  {
    id: 'agent',
    title: 'Agent',
    width: 'minmax(96px, 1fr)',
    from: 620,
    cell: ({ assigned_agent }) => <AgentName agent={assigned_agent} />,
  },
  {
    id: 'why',
    title: 'Error or labels',
    width: 'minmax(140px, 2fr)',
    from: 900,
    cell: ({ error, labels }) =>
      error === null ? (
        <span className="muted truncate">{Object.values(labels).join(' · ')}</span>
      ) : (
        <span className="bad-text truncate" title={error.message}>
          <code>{error.code}</code> {error.message}
        </span>
      ),
  },
  { id: 'priority', title: 'Priority', width: '72px', from: 1_100, cell: ({ priority }) => priority },
  {
    id: 'attempts',
    title: 'Attempts',
    width: '72px',
    isRight: true,
    from: 1_000,
    cell: ({ attempts }) => count(attempts),
  },
  {
    id: 'waited',
    title: 'Waited',
    width: '84px',
    isRight: true,
    from: 760,
    cell: ({ timings }) => duration(timings.queue_ms),
  },
  { id: 'ran', title: 'Ran', width: '84px', isRight: true, from: 500, cell: ({ timings }) => duration(timings.run_ms) },
  {
    id: 'created',
    title: 'Submitted',
    width: '80px',
    isRight: true,
    cell: ({ timings }) => <RelativeTime at={timings.created_at} isQuiet />,
  },
];
