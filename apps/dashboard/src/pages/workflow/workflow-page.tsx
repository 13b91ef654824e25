import './workflow.css';

import type { AcceptedTask, WorkflowGraph, WorkflowPlan, WorkflowView } from '@pulser/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { LazyGraph } from '../../graph/lazy-graph.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorNote, ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { count } from '../../ui/numbers.policy.js';
import { Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Runs } from '../workflows/workflows-page.js';
import { VersionChanges } from './version-changes.js';

const JsonEditor = lazy(() => import('../../ui/json-editor.js'));

const path = (name: string): string => `/api/v1/workflows/${encodeURIComponent(name)}`;

export const WorkflowPage = () => {
  const { name } = useParams({ from: '/frame/workflows/$name' });
  const { version } = useSearch({ from: '/frame/workflows/$name' });
  const query = version === undefined ? {} : { version: String(version) };
  const { data, error, refetch } = useQuery({
    queryKey: ['workflow', name, version ?? 0],
    queryFn: ({ signal }) => api.get<WorkflowView>(path(name), { signal, query }),
  });
  if (data !== undefined) return <Shown workflow={data} />;
  if (error !== null && isApiError(error, 'not_found'))
    return (
      <Page title={name}>
        <EmptyState icon="search" title="There is no such workflow, or not in this version">
          The list shows those that there are.
        </EmptyState>
      </Page>
    );
  return (
    <Page title={name}>
      {error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Page>
  );
};

const Shown = ({ workflow }: { readonly workflow: WorkflowView }) => {
  const { name, version, definition } = workflow;
  const { against } = useSearch({ from: '/frame/workflows/$name' });
  const mayRun = useMay('operator');
  return (
    <Page title={name} aside={<span className="muted num">version {version}</span>} intro={definition.description}>
      <Panel title="Graph" isFlush>
        <Graph name={name} version={version} />
      </Panel>
      {against !== undefined && against !== version && (
        <Panel title={`From version ${against} to version ${version}`} isFlush>
          <VersionChanges path={path(name)} from={against} to={version} />
        </Panel>
      )}
      {mayRun && (
        <Panel title="Run">
          <RunForm workflow={workflow} />
        </Panel>
      )}
      <div className="split">
        <Panel title="Definition">
          <JsonView value={definition} label="Definition" />
        </Panel>
        <Panel title="Versions">
          <Versions workflow={workflow} />
        </Panel>
      </div>
      <Runs workflow={name} />
    </Page>
  );
};

/** Each leads to itself, and to what differs between it and the one that is shown. */
const Versions = ({ workflow: { name, version: shown, versions } }: { readonly workflow: WorkflowView }) => (
  <ul className="workflow-versions">
    {versions.map(({ version, made_at: at }) => (
      <li key={version} className="cluster">
        {version === shown ? (
          <strong aria-current="true">{`Version ${version}`}</strong>
        ) : (
          <PlaceLink place={`/workflows/${name}?version=${version}`}>{`Version ${version}`}</PlaceLink>
        )}
        <span className="muted">
          <RelativeTime at={at} isQuiet />
        </span>
        {version !== shown && (
          <PlaceLink place={`/workflows/${name}?version=${shown}&against=${version}`}>
            Compare<span className="visually-hidden">{` with version ${version}`}</span>
          </PlaceLink>
        )}
      </li>
    ))}
  </ul>
);

const Graph = ({ name, version }: { readonly name: string; readonly version: number }) => {
  const { data, error, refetch } = useQuery({
    queryKey: ['workflow-graph', name, version],
    queryFn: ({ signal }) =>
      api.get<WorkflowGraph>(`${path(name)}/graph`, { signal, query: { version: String(version) } }),
  });
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Skeleton width="100%" /> : <LazyGraph source={data} />;
};

const firstInputs = ({ definition }: WorkflowView): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(definition.inputs).map(([name, { default: otherwise }]) => [name, otherwise ?? null]),
    ),
    null,
    2,
  );

const RunForm = ({ workflow }: { readonly workflow: WorkflowView }) => {
  const [inputs, setInputs] = useState(() => firstInputs(workflow));
  const navigate = useNavigate();
  const plan = useQuery({
    queryKey: ['workflow-plan', workflow.hash],
    queryFn: () => api.post<WorkflowPlan>('/api/v1/workflows/plan', workflow.definition),
  });
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      api.post<AcceptedTask>('/api/v1/tasks', {
        task_type: 'orchestration',
        payload: {
          operation: 'run',
          workflow: `${workflow.name}@${workflow.version}`,
          inputs: JSON.parse(inputs) as unknown,
        },
      }),
    onSuccess: ({ task_id: taskId }) => navigate({ to: '/tasks/$taskId', params: { taskId } }),
  });
  return (
    <div className="workflow-run">
      {plan.data !== undefined && <PlanNote plan={plan.data} />}
      <Suspense fallback={<Skeleton width="100%" />}>
        <JsonEditor label="Inputs" value={inputs} onChange={setInputs} />
      </Suspense>
      <Button
        kind="primary"
        icon="play"
        isPending={isPending}
        onPress={() => {
          mutate();
        }}
      >
        Run
      </Button>
      {error !== null && <ErrorNote error={error} />}
    </div>
  );
};

const PlanNote = ({ plan: { ok, problems, tasks, signals } }: { readonly plan: WorkflowPlan }) => {
  const range = tasks.least === tasks.most ? count(tasks.most) : `${count(tasks.least)} to ${count(tasks.most)}`;
  const waits = signals.length === 0 ? '' : ` It waits for ${signals.join(', ')}.`;
  if (ok) return <Note>{`A run submits ${range} ${tasks.most === 1 ? 'task' : 'tasks'}.${waits}`}</Note>;
  return (
    <Note kind="bad" icon="alert">
      {problems.map(({ pointer, detail }) => (
        <p key={`${pointer} ${detail}`}>
          <code>{pointer}</code> {detail}
        </p>
      ))}
    </Note>
  );
};
