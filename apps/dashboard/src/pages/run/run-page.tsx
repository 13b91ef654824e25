import './run.css';

import type { AcceptedSignal, AcceptedTask, RunStep, RunView } from '@pulser/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { Button, ButtonLink } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { count } from '../../ui/numbers.policy.js';
import { Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge, StatusBadge, type Tone } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';
import { WideTable } from '../../ui/wide-table.js';
import { RunGraph } from './run-graph.js';

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

const Shown = ({ run }: { readonly run: RunView }) => (
  <Page
    title={run.workflow ?? 'Run'}
    aside={<StatusBadge status={run.status} />}
    actions={
      <ButtonLink to="/tasks/$taskId" params={{ taskId: run.task_id }}>
        Its task
      </ButtonLink>
    }
  >
    <Panel title="Graph">
      <RunGraph nodes={run.graph.nodes} edges={run.graph.edges} />
    </Panel>
    <Panel title="Steps" isFlush>
      <Steps run={run} />
    </Panel>
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
      {
        name: 'Repeats a part of',
        value:
          run.rerun_of === null ? (
            '–'
          ) : (
            <PlaceLink place={`/runs/${run.rerun_of}`} className="mono">
              {run.rerun_of}
            </PlaceLink>
          ),
      },
    ]}
  />
);

const tones: Readonly<Record<RunStep['status'], Tone>> = {
  pending: 'idle',
  running: 'info',
  completed: 'ok',
  failed: 'bad',
  skipped: 'idle',
  cancelled: 'idle',
};

const Steps = ({ run }: { readonly run: RunView }) => {
  const mayRerun = useMay('operator') && run.ended_at !== null;
  return (
    <WideTable label="Steps">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Status</th>
            <th scope="col">Tasks</th>
            <th scope="col">When</th>
            <th scope="col" className="right">
              Duration
            </th>
            <th scope="col">Do again</th>
          </tr>
        </thead>
        <tbody>
          {run.steps.map((step) => (
            <tr key={step.name}>
              <th scope="row">{step.name}</th>
              <td>
                <Badge tone={tones[step.status]}>{step.reused ? `${step.status}, kept` : step.status}</Badge>
                {step.code !== null && <span className="muted"> {step.code}</span>}
                {step.status === 'running' && step.signal !== null && <Signal runId={run.task_id} name={step.signal} />}
              </td>
              <td>
                <Tasks step={step} />
              </td>
              <td>
                <Bar run={run} step={step} />
              </td>
              <td className="right num">{lasted(step)}</td>
              <td>{mayRerun && <Again runId={run.task_id} step={step} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
};

const Tasks = ({ step }: { readonly step: RunStep }) => {
  if (step.task_id !== null)
    return (
      <PlaceLink place={`/tasks/${step.task_id}`} className="mono">
        {step.task_id}
      </PlaceLink>
    );
  if (step.total === null) return <>–</>;
  const failed = step.failed > 0 ? `, ${count(step.failed)} failed` : '';
  return <span className="num">{`${count(step.completed)} of ${count(step.total)}${failed}`}</span>;
};

const timeOf = (at: string | null, otherwise: number): number => (at === null ? otherwise : Date.parse(at));

/** When a step ran, within the time of its run. */
const Bar = ({ run, step }: { readonly run: RunView; readonly step: RunStep }) => {
  if (step.started_at === null) return null;
  const begun = Date.parse(run.created_at);
  const latest = Math.max(...run.steps.map(({ ended_at: at }) => timeOf(at, 0)), timeOf(step.started_at, begun));
  const end = timeOf(run.ended_at, latest);
  const total = Math.max(1, end - begun);
  const from = Math.max(0, ((timeOf(step.started_at, begun) - begun) / total) * 100);
  const width = Math.max(1, ((timeOf(step.ended_at, end) - timeOf(step.started_at, begun)) / total) * 100);
  return (
    <div className="run-bar-track">
      <svg className="run-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect x={from} y={0} width={Math.min(width, 100 - from)} height={10} />
      </svg>
    </div>
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
