import '../agents/agents.css';

import type { Pause } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

import { useKeys } from '../../app/keyboard.js';
import { type Range, ranges, rangeTexts, usualRange } from '../../telemetry/range.policy.js';
import { telemetryQuery } from '../../telemetry/telemetry-query.js';
import { AgentAvatar } from '../../ui/agent.js';
import { Button, ButtonLink } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { Choice } from '../../ui/choice.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { instancesQuery, type PauseTarget, registrationsQuery, taskTypesQuery } from '../agents/agent-queries.js';
import type { AgentRow } from '../agents/agent-rows.policy.js';
import { AgentLight } from '../agents/agent-state.js';
import { ownPause, type Pausing, usePauseCommands, usePausing } from '../agents/pausing.js';
import { useAgentRows } from '../agents/use-agent-rows.js';
import { Figures, Outcomes, Times } from './agent-figures.js';
import { AgentHealthPanel } from './agent-health.js';
import { newestOperations, Operations, TaskTypes, Versions } from './agent-registrations.js';
import type { AgentSearch } from './agent-route.js';
import { Workers } from './agent-workers.js';

export const AgentPage = () => {
  const { agent } = useParams({ from: '/frame/agents/$agent' });
  const { range = usualRange } = useSearch({ from: '/frame/agents/$agent' });
  const pausing = usePausing();
  const { rows, pauses, error, retry } = useAgentRows(pausing.scope, range);
  const row = rows?.find((one) => one.agent === agent);
  if (row !== undefined) return <Known row={row} pauses={pauses} pausing={pausing} />;
  return (
    <Page title={agent}>
      {error !== null ? (
        <ErrorState error={error} onRetry={retry} />
      ) : rows === undefined ? (
        <Skeleton height="320px" />
      ) : (
        <EmptyState
          icon="agents"
          title="No agent of this name has registered"
          actions={
            <ButtonLink to="/agents" icon="back">
              All agents
            </ButtonLink>
          }
        >
          An agent registers when its first worker starts, and is known from then on.
        </EmptyState>
      )}
    </Page>
  );
};

interface KnownProps {
  readonly row: AgentRow;
  readonly pauses: readonly Pause[];
  readonly pausing: Pausing;
}

const Known = ({ row, pauses, pausing }: KnownProps) => {
  const { agent } = row;
  const search = useSearch({ from: '/frame/agents/$agent' });
  const navigate = useNavigate();
  const { range = usualRange, time = 'run' } = search;
  const isTenant = pausing.scope === 'tenant';
  const target: PauseTarget = { kind: 'agents', name: agent };
  const own = ownPause(pauses, target, pausing.scope);
  const goTo = (next: AgentSearch): void => {
    void navigate({ to: '/agents/$agent', params: { agent }, search: { ...search, ...next }, replace: true });
  };
  const openTasks = (): void => {
    void navigate({ to: '/tasks', search: { agent } });
  };
  useKeys('Agent', [
    ...(pausing.mayAct
      ? [
          {
            keys: 'p',
            label: own === undefined ? 'Pause' : 'Resume',
            run: () => {
              if (own === undefined) pausing.ask(target);
              else pausing.resume(target, own.reason);
            },
          },
        ]
      : []),
    ...(isTenant ? [{ keys: 'l', label: 'Its tasks', run: openTasks }] : []),
  ]);
  usePauseCommands([agent], pauses, pausing);
  return (
    <Page
      title={agent}
      aside={
        <span className="agent-head">
          <AgentAvatar agent={agent} size={28} />
          <AgentLight state={row.state} />
        </span>
      }
      intro={
        <>
          {row.reason}
          {row.lastSeen !== undefined && (
            <>
              {'. Last seen '}
              <RelativeTime at={row.lastSeen} />
            </>
          )}
        </>
      }
      actions={
        <>
          {isTenant && (
            <>
              <Choice<Range>
                label="Range"
                value={range}
                onChange={(next) => {
                  goTo({ range: next });
                }}
                options={ranges.map((id) => ({ id, text: rangeTexts[id] }))}
              />
              <ButtonLink to="/tasks" search={{ agent }} icon="tasks">
                Tasks
              </ButtonLink>
            </>
          )}
          {pausing.mayAct &&
            (own === undefined ? (
              <Button
                icon="pause"
                onPress={() => {
                  pausing.ask(target);
                }}
              >
                Pause
              </Button>
            ) : (
              <Button
                kind="primary"
                icon="play"
                onPress={() => {
                  pausing.resume(target, own.reason);
                }}
              >
                Resume
              </Button>
            ))}
        </>
      }
    >
      <Paused agent={agent} pauses={pauses} />
      <AgentHealthPanel agent={agent} condition={row.condition} range={range} />
      {isTenant ? (
        <OfTenant row={row} search={{ ...search, range, time }} pauses={pauses} pausing={pausing} onChange={goTo} />
      ) : (
        <OfInstallation row={row} pauses={pauses} pausing={pausing} />
      )}
      {pausing.dialog}
    </Page>
  );
};

/** Every pause that holds, with who made it: a tenant's own and one for all may hold at the same time. */
const Paused = ({ agent, pauses }: { readonly agent: string; readonly pauses: readonly Pause[] }) =>
  pauses
    .filter((pause) => pause.agent === agent)
    .map(({ reason, paused_at: at, for_all_tenants: isForAll }) => (
      <Note key={String(isForAll)} kind="warn" icon="pause">
        <strong>{isForAll ? 'Paused for all tenants' : 'Paused'}</strong> <RelativeTime at={at} />
        {`: ${reason ?? 'without a reason'}. What is submitted waits.`}
      </Note>
    ));

interface OfTenantProps extends KnownProps {
  readonly search: AgentSearch & { readonly range: Range; readonly time: 'run' | 'wait' };
  readonly onChange: (next: AgentSearch) => void;
}

const OfTenant = ({ row, search, pauses, pausing, onChange }: OfTenantProps) => {
  const { agent, health } = row;
  const { range, time } = search;
  const { data: span } = useQuery(telemetryQuery('health', range));
  const { data } = useQuery(registrationsQuery);
  const { data: types } = useQuery(taskTypesQuery);
  const own = (data?.agents ?? []).filter((one) => one.agent === agent);
  return (
    <>
      {health !== undefined && span !== undefined && <Figures health={health} from={span.from} to={span.to} />}
      <div className="grid">
        <Times
          agent={agent}
          range={range}
          time={time}
          onTime={(next) => {
            onChange({ time: next });
          }}
        />
        <Outcomes agent={agent} range={range} />
      </div>
      <p className="muted">
        Numbers lead to tasks by the time of their submission; they count when tasks ended, which may have been later.
      </p>
      <div className="grid">
        <TaskTypes
          agent={agent}
          types={row.taskTypes}
          limits={types?.task_types ?? []}
          pauses={pauses}
          pausing={pausing}
        />
        <Versions versions={own} />
      </div>
      <Operations
        operations={newestOperations(own)}
        open={search.operation}
        onOpen={(operation) => {
          onChange({ operation });
        }}
      />
    </>
  );
};

const OfInstallation = ({ row, pauses, pausing }: KnownProps) => {
  const { data } = useQuery(instancesQuery);
  const one = data?.agents.find(({ agent }) => agent === row.agent);
  if (data === undefined || one === undefined) return null;
  return (
    <>
      <Workers instances={one.instances} isComplete={data.complete} />
      <div className="grid">
        <TaskTypes agent={row.agent} types={row.taskTypes} limits={[]} pauses={pauses} pausing={pausing} />
        <Versions versions={one.versions} />
      </div>
    </>
  );
};
