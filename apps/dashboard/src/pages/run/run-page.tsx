import './run.css';

import type { AcceptedSignal, AcceptedTask, RunStep, RunView } from '@pulser/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { sourceOfRun } from '../../graph/graph-source.js';
import { LazyGraph } from '../../graph/lazy-graph.js';
import { stepLooks } from '../../graph/step-looks.js';
import { useMay } from '../../session/session.js';
import { Button, ButtonLink } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { count } from '../../ui/numbers.policy.js';
import { Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime, useNow } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge, StatusBadge } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';
import { WideTable } from '../../ui/wide-table.js';
import { RunBar } from './run-bar.js';
import { spansOf } from './run-spans.policy.js';
import { StepTasks } from './step-tasks.js';

const path = (taskId: string): string => `/api/v1/runs/${encodeURIComponent(taskId)}`;

export const RunPage = () => {
  const { taskId } = useParams({ from: '/frame/runs/$taskId' });
  const { data, error, refetch } = useQuery({
    queryKey: ['run', taskId],
    queryFn: ({ signal }) => api.get<RunView>(path(taskId), { signal }),
    meta: { liveEveryMs: 1_500 },
  });
  if (data !== undefined) return <Shown run={data} />;
  if (error !== null && isApiError(error, 'not_found'))
    return (
      <Page title="Run">
        <EmptyState icon="search" title="There is no such run">
          It may be past the time for which it is kept, or its task has not started yet.
        </EmptyState>
      </Page>
    );
  return (
    <Page title="Run">
      {error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Page>
  );
};

const Shown = ({ run }: { readonly run: RunView }) => {
  const { step: name } = useSearch({ from: '/frame/runs/$taskId' });
  const listed = run.steps.find((step) => step.name === name);
  return (
    <Page
      title={run.workflow ?? 'Run'}
      aside={<StatusBadge status={run.status} />}
      actions={
        <ButtonLink to="/tasks/$taskId" params={{ taskId: run.task_id }}>
          Its task
        </ButtonLink>
      }
    >
      <Panel title="Graph" isFlush>
        <LazyGraph source={sourceOfRun(run)} />
      </Panel>
      <Panel title="Steps" isFlush>
        <Steps run={run} />
      </Panel>
      {listed !== undefined && (
        <StepTasks key={listed.name} runId={run.task_id} step={listed.name} areRuns={listed.kind === 'workflow'} />
      )}
      <div className="split">
        <Panel title="Inputs">
          <JsonView value={run.inputs} label="Inputs" />
        </Panel>
        <Panel title="Facts">
          <RunFacts run={run} />
        </Panel>
      </div>
    </Page>
  );
};

const RunFacts = ({ run }: { readonly run: RunView }) => (
  <Facts
    facts={[
      {
        name: 'Workflow',
        value:
          run.workflow === null ? (
            'given inline'
          ) : (
            <PlaceLink place={`/workflows/${run.workflow}?version=${run.version ?? 1}`}>
              {`${run.workflow}@${run.version ?? ''}`}
            </PlaceLink>
          ),
      },
      { name: 'Begun', value: <RelativeTime at={run.created_at} /> },
      { name: 'Ended', value: run.ended_at === null ? '–' : <RelativeTime at={run.ended_at} /> },
      ...(run.rerun_of === null
        ? []
        : [
            {
              name: 'Repeats a part of',
              value: (
                <PlaceLink place={`/runs/${run.rerun_of}`} className="mono">
                  {run.rerun_of}
                </PlaceLink>
              ),
            },
          ]),
    ]}
  />
);

const Steps = ({ run }: { readonly run: RunView }) => {
  const mayRerun = useMay('operator') && run.ended_at !== null;
  const begun = Date.parse(run.created_at);
  // What is open grows with the time.
  const now = useNow(run.ended_at === null ? begun : 0);
  const { spans, total } = spansOf(run, now);
  return (
    <WideTable label="Steps">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Status</th>
            <th scope="col">Tasks</th>
            <th scope="col">
              <span className="run-scale">
                When <span className="num">{duration(total)}</span>
              </span>
            </th>
            <th scope="col" className="right">
              Duration
            </th>
            {mayRerun && <th scope="col">Do again</th>}
          </tr>
        </thead>
        <tbody>
          {run.steps.map((step) => (
            <tr key={step.name}>
              <th scope="row">{step.name}</th>
              <td>
                <Badge {...stepLooks[step.status]}>{step.reused ? `${step.status}, kept` : step.status}</Badge>
                {step.code !== null && <span className="muted"> {step.code}</span>}
                {step.status === 'running' && step.kind === 'approval' && (
                  <span className="muted">
                    {' '}
                    waits for <PlaceLink place="/approvals">an approval</PlaceLink>
                  </span>
                )}
                {step.status === 'running' && step.signal !== null && <Signal runId={run.task_id} name={step.signal} />}
              </td>
              <td>
                <Tasks runId={run.task_id} step={step} />
              </td>
              <td>
                <RunBar span={spans.get(step.name)} status={step.status} />
              </td>
              <td className="right num">{lasted(step)}</td>
              {mayRerun && (
                <td>
                  <Again runId={run.task_id} step={step} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
};

const Tasks = ({ runId, step }: { readonly runId: string; readonly step: RunStep }) => {
  if (step.task_id !== null)
    return (
      <PlaceLink place={`/tasks/${step.task_id}`} className="mono" title={step.task_id}>
        {step.task_id.slice(-12)}
      </PlaceLink>
    );
  if (step.total === null) return <>–</>;
  const failed = step.failed > 0 ? `, ${count(step.failed)} failed` : '';
  return (
    <PlaceLink place={`/runs/${runId}?step=${step.name}`} className="num">
      {`${count(step.completed)} of ${count(step.total)}${failed}`}
    </PlaceLink>
  );
};

const lasted = ({ started_at: from, ended_at: to }: RunStep): string =>
  from === null || to === null ? '–' : duration(Date.parse(to) - Date.parse(from));

/** What a step waits for, with a button that sends it without a body. */
const Signal = ({ runId, name }: { readonly runId: string; readonly name: string }) => {
  const maySend = useMay('operator');
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => api.post<AcceptedSignal>(`/api/v1/tasks/${encodeURIComponent(runId)}/signals/${name}`, {}),
  });
  return (
    <>
      <span className="muted">
        {' '}
        waits for <span className="mono">{name}</span>{' '}
      </span>
      {maySend && (
        <Button
          size="s"
          isPending={isPending}
          onPress={() => {
            mutate();
          }}
        >
          Send it
        </Button>
      )}
      {error !== null && <ErrorNote error={error} />}
    </>
  );
};

const Again = ({ runId, step }: { readonly runId: string; readonly step: RunStep }) => {
  const navigate = useNavigate();
  const isFailedMap = step.is_map && step.failed > 0;
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      api.post<AcceptedTask>(`${path(runId)}/rerun`, isFailedMap ? { failed_of: step.name } : { from: step.name }),
    onSuccess: ({ task_id: taskId }) => navigate({ to: '/tasks/$taskId', params: { taskId } }),
  });
  return (
    <>
      <Button
        size="s"
        icon="replay"
        isPending={isPending}
        onPress={() => {
          mutate();
        }}
      >
        {isFailedMap ? 'Failed items' : 'From here'}
      </Button>
      {error !== null && <ErrorNote error={error} />}
    </>
  );
};
