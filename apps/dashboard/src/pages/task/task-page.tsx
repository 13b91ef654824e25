import './task.css';

import type { TaskView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';

import { isApiError } from '../../api/problem.js';
import { hasEnded } from '../../api/task-states.js';
import { PlaceLink } from '../../app/place-link.js';
import { useTaskChanges } from '../../live/use-live.js';
import { AgentName } from '../../ui/agent.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { Tabs } from '../../ui/tabs.js';
import { AskView } from './ask-view.js';
import { ArtifactsView } from './artifacts-view.js';
import { lanesOf } from './attempt-lanes.policy.js';
import { AttemptLanes } from './attempt-lanes.js';
import { EventList } from './event-list.js';
import { RelatedTasks } from './related-tasks.js';
import { ResultView } from './result-view.js';
import { TaskActions } from './task-actions.js';
import { explanationQuery, taskQuery } from './task-queries.js';
import type { TaskTab } from './task-route.js';
import { TraceView } from './trace-view.js';
import { useTaskEvents } from './use-task-events.js';
import { WaitsPanel } from './waits-panel.js';

export const TaskPage = () => {
  const { taskId: id } = useParams({ from: '/frame/tasks/$taskId' });
  const { data, error, refetch } = useQuery(taskQuery(id));
  const client = useQueryClient();
  useTaskChanges((changes) => {
    if (changes.some(({ task_id }) => task_id === id)) void client.invalidateQueries({ queryKey: ['task', id] });
  });
  if (data !== undefined) return <Shown task={data.task} etag={data.etag} />;
  if (error !== null && isApiError(error, 'not_found')) {
    return (
      <Page title="Task">
        <EmptyState icon="search" title="There is no such task">
          Its id may be mistyped, or the task is past the time for which it is kept.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Task">
      {error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Page>
  );
};

interface ShownProps {
  readonly task: TaskView;
  readonly etag: string | null;
}

/** What says most about a task in its state. */
const usualTab = (task: TaskView): TaskTab => (task.status === 'completed' ? 'result' : 'events');

const Shown = ({ task, etag }: ShownProps) => {
  const { task_id: id } = task;
  const { tab = usualTab(task), span } = useSearch({ from: '/frame/tasks/$taskId' });
  const navigate = useNavigate();
  const events = useTaskEvents(id);
  const lanes = useMemo(() => lanesOf(events.events), [events.events]);
  const name = task.operation === null || task.operation === '' ? task.task_type : task.operation;
  const show = (next: TaskTab): void => {
    void navigate({ to: '/tasks/$taskId', params: { taskId: id }, search: { tab: next }, replace: true });
  };
  const showSpan = (spanId: string | undefined): void => {
    const search = { tab: 'trace' as const, ...(spanId !== undefined && { span: spanId }) };
    void navigate({ to: '/tasks/$taskId', params: { taskId: id }, search, replace: true, resetScroll: false });
  };
  return (
    <Page title={name} aside={<StatusBadge status={task.status} />} actions={<TaskActions task={task} etag={etag} />}>
      {!hasEnded(task) && <Why id={id} />}
      {task.error !== null && <Failure task={task} />}
      <Panel title="Attempts">{lanes.length === 0 ? <Skeleton width="100%" /> : <AttemptLanes lanes={lanes} />}</Panel>
      <Panel title="Facts">
        <TaskFacts task={task} />
      </Panel>
      <WaitsPanel task={task} />
      <Tabs<TaskTab>
        label="Parts of the task"
        value={tab}
        onChange={show}
        tabs={[
          { id: 'result', title: 'Result', content: <Result task={task} /> },
          { id: 'events', title: 'Events', count: events.events.length, content: <EventList {...events} /> },
          { id: 'payload', title: 'Payload', content: <Payload task={task} /> },
          {
            id: 'artifacts',
            title: 'Files',
            count: task.artifacts.length,
            content: <ArtifactsView artifacts={task.artifacts} />,
          },
          ...(task.operation === 'ask'
            ? [{ id: 'model' as const, title: 'Model', content: <AskView task={task} /> }]
            : []),
          { id: 'trace', title: 'Trace', content: <TraceView task={task} chosen={span} onChoose={showSpan} /> },
          { id: 'related', title: 'Related', content: <RelatedTasks task={task} /> },
        ]}
      />
    </Page>
  );
};

const Why = ({ id }: { readonly id: string }) => {
  const { data } = useQuery(explanationQuery(id));
  return data === undefined ? null : <Note icon="info">{data.sentence}</Note>;
};

const Failure = ({ task }: { readonly task: TaskView }) => {
  const { error } = task;
  if (error === null) return null;
  const { code, message, permanent, details } = error;
  return (
    <Note kind={task.status === 'failed' ? 'bad' : 'warn'} icon="alert">
      <p>
        <code>{code}</code> {message}
      </p>
      {permanent && <p className="muted">It would fail again: it was not retried.</p>}
      {details !== undefined && Object.keys(details).length > 0 && (
        <div className="failure-details">
          <JsonView value={details} label="Details of the error" maxHeight={200} />
        </div>
      )}
    </Note>
  );
};

const Result = ({ task }: { readonly task: TaskView }) =>
  hasEnded(task) ? (
    <ResultView taskId={task.task_id} result={task.result} />
  ) : (
    <EmptyState icon="wait" title="No result yet">
      It appears here as soon as the task has ended.
    </EmptyState>
  );

const Payload = ({ task: { payload, metadata } }: { readonly task: TaskView }) => (
  <div className="payload">
    <JsonView value={payload} label="Payload" maxHeight={560} />
    {metadata !== null && (
      <Panel title="Metadata">
        <JsonView value={metadata} label="Metadata" />
      </Panel>
    )}
  </div>
);

const TaskFacts = ({ task }: { readonly task: TaskView }) => {
  const { timings, labels } = task;
  const when = (name: string, at: string | null) => (at === null ? [] : [{ name, value: <RelativeTime at={at} /> }]);
  return (
    <Facts
      isWide
      facts={[
        {
          name: 'Agent',
          value: (
            <PlaceLink place={`/tasks?agent=${task.assigned_agent}`}>
              <AgentName agent={task.assigned_agent} />
            </PlaceLink>
          ),
        },
        { name: 'Type', value: <PlaceLink place={`/tasks?task_type=${task.task_type}`}>{task.task_type}</PlaceLink> },
        ...(task.task_type === 'orchestration' && task.operation === 'run'
          ? [{ name: 'Run', value: <PlaceLink place={`/runs/${task.task_id}`}>Its steps</PlaceLink> }]
          : []),
        { name: 'Priority', value: task.priority },
        ...when('Submitted', timings.created_at),
        ...when('Start not before', timings.run_at),
        ...when('Deadline', timings.deadline_at),
        ...when('Started', timings.started_at),
        ...when('Ended', timings.completed_at),
        ...(task.submitted_by === null
          ? []
          : [
              {
                name: 'Submitted by',
                value: (
                  <PlaceLink
                    place={`/tasks?submitted_by=${encodeURIComponent(task.submitted_by)}`}
                    title={task.submitted_by}
                    className={task.submitted_by_name === null ? 'mono' : ''}
                  >
                    {task.submitted_by_name ?? task.submitted_by}
                  </PlaceLink>
                ),
              },
            ]),
        ...Object.entries(labels).map(([key, value]) => ({
          name: key,
          value: <PlaceLink place={`/tasks?label=${encodeURIComponent(`${key}:${value}`)}`}>{value}</PlaceLink>,
        })),
        { name: 'Id', value: <span className="mono">{task.task_id}</span> },
      ]}
    />
  );
};
