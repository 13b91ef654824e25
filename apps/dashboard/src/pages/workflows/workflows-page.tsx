import type { RunPage, RunSummary, WorkflowList } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { PlaceLink } from '../../app/place-link.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { counted } from '../../ui/numbers.policy.js';
import { Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { WideTable } from '../../ui/wide-table.js';

const example = `curl -sS -X PUT ${location.origin}/api/v1/workflows/hello -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{"steps": [{"name": "look", "task_type": "analytics",
  "payload": {"operation": "query", "sql": "select 42 as answer", "sources": []}}]}'`;

export const WorkflowsPage = () => (
  <Page title="Workflows" intro="Steps of any agents, each a task, in the order of what they need.">
    <Definitions />
    <Runs />
  </Page>
);

const Definitions = () => {
  const { data, error, refetch } = useQuery({
    queryKey: ['workflows'],
    queryFn: ({ signal }) => api.get<WorkflowList>('/api/v1/workflows', { signal }),
  });
  return (
    <Panel title="Definitions" isFlush>
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton width="100%" />}
      {data?.workflows.length === 0 && (
        <EmptyState icon="workflows" title="No workflow is stored yet" command={example}>
          A definition is stored in versions, and checked before it runs.
        </EmptyState>
      )}
      {data !== undefined && data.workflows.length > 0 && <DefinitionTable list={data} />}
    </Panel>
  );
};

const DefinitionTable = ({ list }: { readonly list: WorkflowList }) => (
  <WideTable label="Definitions">
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">What it is for</th>
          <th scope="col" className="right">
            Version
          </th>
          <th scope="col" className="right">
            Steps
          </th>
          <th scope="col" className="right">
            Changed
          </th>
        </tr>
      </thead>
      <tbody>
        {list.workflows.map(({ name, description, version, steps, made_at }) => (
          <tr key={name}>
            <th scope="row">
              <PlaceLink place={`/workflows/${name}`}>{name}</PlaceLink>
            </th>
            <td>{description ?? '–'}</td>
            <td className="right num">{version}</td>
            <td className="right num">{steps}</td>
            <td className="right">
              <RelativeTime at={made_at} isQuiet />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </WideTable>
);

/** The newest runs of one workflow, or of all. */
export const Runs = ({ workflow }: { readonly workflow?: string }) => {
  const { data, error, refetch } = useQuery({
    queryKey: ['runs', workflow ?? ''],
    queryFn: ({ signal }) =>
      api.get<RunPage>('/api/v1/runs', { signal, query: workflow === undefined ? {} : { workflow } }),
    meta: { liveEveryMs: 3_000 },
  });
  return (
    <Panel title="Runs" isFlush aside={data && <span className="muted">{counted(data.runs.length, 'run')}</span>}>
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton width="100%" />}
      {data?.runs.length === 0 && (
        <EmptyState icon="play" title="Nothing has run yet">
          A run is a task of type orchestration.
        </EmptyState>
      )}
      {data !== undefined && data.runs.length > 0 && <RunTable runs={data.runs} />}
    </Panel>
  );
};

const RunTable = ({ runs }: { readonly runs: readonly RunSummary[] }) => (
  <WideTable label="Runs">
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col">Workflow</th>
          <th scope="col">Status</th>
          <th scope="col" className="right">
            Begun
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.task_id}>
            <th scope="row">
              <PlaceLink place={`/runs/${run.task_id}`} className="mono" title={run.task_id}>
                {run.task_id.slice(-12)}
              </PlaceLink>
            </th>
            <td>{run.workflow === null ? 'given inline' : `${run.workflow}@${run.version ?? ''}`}</td>
            <td>
              <StatusBadge status={run.status} />
            </td>
            <td className="right">
              <RelativeTime at={run.created_at} isQuiet />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </WideTable>
);
