import './agents.css';

import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';

import { useKeys } from '../../app/keyboard.js';
import { PlaceLink } from '../../app/place-link.js';
import { anyOpen, type Range, ranges, rangeTexts, tasksPlace, usualRange } from '../../telemetry/range.policy.js';
import { AgentName } from '../../ui/agent.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { Choice, SearchBox } from '../../ui/fields.js';
import { percent, shortCount } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { duration } from '../../ui/time.policy.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { type AgentRow, filtered } from './agent-rows.policy.js';
import { AgentLight } from './agent-state.js';
import { type AgentsSearch, agentStates } from './agents-route.js';
import { usePauseCommands, usePausing } from './pausing.js';
import { useAgentRows } from './use-agent-rows.js';

const stateTexts = {
  all: 'All',
  up: 'Up',
  degraded: 'Degraded',
  unhealthy: 'Unhealthy',
  silent: 'Silent',
  paused: 'Paused',
} as const;
type Shown = keyof typeof stateTexts;

const always: readonly Column<AgentRow>[] = [
  {
    id: 'agent',
    title: 'Agent',
    width: 'minmax(120px, 1.2fr)',
    cell: ({ agent }) => <AgentName agent={agent} size={22} />,
  },
  { id: 'state', title: 'State', width: '104px', cell: ({ state }) => <AgentLight state={state} /> },
  {
    id: 'reason',
    title: 'Why',
    width: 'minmax(140px, 1.6fr)',
    from: 980,
    // That all is well needs no reason.
    cell: ({ reason, state }) => (state === 'up' ? null : <span className="truncate muted">{reason}</span>),
  },
  {
    id: 'types',
    title: 'Task types',
    width: 'minmax(120px, 1.6fr)',
    from: 1100,
    cell: ({ taskTypes }) => (
      <span className="truncate" title={taskTypes.join(', ')}>
        {taskTypes.join(', ')}
      </span>
    ),
  },
];

const seen: Column<AgentRow> = {
  id: 'seen',
  title: 'Seen',
  width: '88px',
  from: 560,
  isRight: true,
  cell: ({ lastSeen }) => (lastSeen === undefined ? '–' : <RelativeTime at={lastSeen} isQuiet />),
};

const number = (id: string, title: string, from: number, cell: Column<AgentRow>['cell']): Column<AgentRow> => ({
  ...{ id, title, from, cell, width: '72px', isRight: true },
});

const tenantColumns: readonly Column<AgentRow>[] = [
  ...always,
  number('open', 'Open', 0, ({ agent, health }) => (
    <PlaceLink place={tasksPlace({ agent, status: anyOpen })} tabIndex={-1}>
      {shortCount(health?.open ?? 0)}
    </PlaceLink>
  )),
  number('done', 'Completed', 700, ({ health }) => shortCount(health?.completed ?? 0)),
  number('errors', 'Failed', 480, ({ health }) =>
    health?.error_rate === null || health === undefined ? '–' : percent(health.error_rate),
  ),
  number('wait', 'Wait P95', 860, ({ health }) => duration(health?.wait_p95_ms)),
  number('run', 'Run P95', 620, ({ health }) => duration(health?.run_p95_ms)),
  seen,
];

const installationColumns: readonly Column<AgentRow>[] = [
  ...always,
  number('workers', 'Workers', 0, ({ slots }) => shortCount(slots?.workers ?? 0)),
  number('slots', 'Slots', 480, ({ slots }) => `${shortCount(slots?.busy ?? 0)} / ${shortCount(slots?.all ?? 0)}`),
  {
    ...{ id: 'versions', title: 'Versions', width: 'minmax(84px, 1fr)', from: 700 },
    cell: ({ versions }) => <span className="truncate">{versions.join(', ')}</span>,
  },
  seen,
];

export const AgentsPage = () => {
  const search = useSearch({ from: '/frame/agents' });
  const navigate = useNavigate();
  const box = useRef<HTMLInputElement>(null);
  const pausing = usePausing();
  const { range = usualRange, state } = search;
  // What is typed is at once in the field, and in the address a moment later.
  const [q, setTyped] = useState(search.q ?? '');
  const isTenant = pausing.scope === 'tenant';
  const { rows, pauses, error, retry } = useAgentRows(pausing.scope, range);
  const shown = useMemo(() => filtered(rows ?? [], { q, state }), [rows, q, state]);
  const names = useMemo(() => (rows ?? []).map(({ agent }) => agent), [rows]);
  usePauseCommands(names, pauses, pausing);
  const goTo = (next: AgentsSearch): void => {
    void navigate({ to: '/agents', search: { ...search, ...next }, replace: true });
  };
  useKeys('Agents', [
    {
      keys: '/',
      label: 'Search',
      run: () => {
        box.current?.focus();
      },
    },
  ]);
  return (
    <Page
      title="Agents"
      isFull
      actions={
        isTenant ? (
          <>
            <Choice<Range>
              label="Range"
              value={range}
              onChange={(next) => {
                goTo({ range: next });
              }}
              options={ranges.map((id) => ({ id, text: rangeTexts[id] }))}
            />
            <ExportMenu path="/api/v1/agents" />
          </>
        ) : undefined
      }
    >
      <div className="list-bar">
        <SearchBox
          label="Search agents"
          placeholder="Name or task type"
          keys="/"
          inputRef={box}
          value={q}
          onChange={(text) => {
            setTyped(text);
            goTo({ q: text });
          }}
        />
        <Choice<Shown>
          label="State"
          value={state ?? 'all'}
          onChange={(next) => {
            goTo({ state: next === 'all' ? undefined : next });
          }}
          options={(['all', ...agentStates] as const).map((id) => ({ id, text: stateTexts[id] }))}
        />
      </div>
      {rows === undefined && error !== null && <ErrorState error={error} onRetry={retry} />}
      {rows === undefined && error === null && <Skeleton height="320px" />}
      {rows?.length === 0 && (
        <EmptyState icon="agents" title="No agent has registered" command="npm start">
          Agents register what they can do when their workers start.
        </EmptyState>
      )}
      {rows !== undefined && rows.length > 0 && shown.length === 0 && (
        <EmptyState
          icon="search"
          title="No agent is like this"
          actions={
            <Button
              icon="close"
              onPress={() => {
                setTyped('');
                goTo({ q: undefined, state: undefined });
              }}
            >
              Clear the filters
            </Button>
          }
        />
      )}
      {shown.length > 0 && (
        <div className="list-panel">
          <VirtualTable
            label="Agents"
            rows={shown}
            columns={isTenant ? tenantColumns : installationColumns}
            idOf={({ agent }) => agent}
            total={shown.length}
            onOpen={({ agent }) => {
              void navigate({ to: '/agents/$agent', params: { agent }, search: search.range ? { range } : {} });
            }}
          />
        </div>
      )}
      {pausing.dialog}
    </Page>
  );
};
