import './incidents.css';

import type { IncidentPage, IncidentView } from '@pulser/contracts';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';

import { pagesOf } from '../../api/pages.js';
import { Choice } from '../../ui/choice.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { SeverityBadge, StateBadge } from './incident-badges.js';
import { IncidentDialog } from './incident-dialog.js';
import type { IncidentsSearch, ShownState } from './incidents-route.js';

const path = '/api/v1/incidents';

const columns: readonly Column<IncidentView>[] = [
  {
    id: 'severity',
    title: 'Severity',
    width: '104px',
    cell: ({ severity }) => <SeverityBadge severity={severity} />,
  },
  {
    id: 'summary',
    title: 'What is wrong',
    width: 'minmax(96px, 3fr)',
    cell: ({ summary }) => <span className="truncate">{summary}</span>,
  },
  {
    id: 'subject',
    title: 'About',
    width: 'minmax(90px, 1fr)',
    from: 760,
    cell: ({ subject }) => <span className="mono truncate">{subject}</span>,
  },
  {
    id: 'state',
    title: 'State',
    width: '128px',
    from: 480,
    cell: (incident) => <StateBadge incident={incident} />,
  },
  {
    id: 'opened',
    title: 'Since',
    width: '92px',
    isRight: true,
    cell: ({ opened_at: at }) => <RelativeTime at={at} isQuiet />,
  },
];

const command = `curl -sS -H "Authorization: Bearer $KEY" ${location.origin}/api/v1/incidents`;

export const IncidentsPage = () => {
  const search = useSearch({ from: '/frame/incidents' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const state: ShownState = search.state ?? 'open';
  const query = state === 'all' ? {} : { state };
  const list = useInfiniteQuery({
    ...pagesOf<IncidentPage>({ key: ['incidents', state], path, query }),
    refetchInterval: 5_000,
  });
  const rows = useMemo(() => list.data?.pages.flatMap(({ incidents }) => incidents) ?? [], [list.data]);
  const goTo = (next: IncidentsSearch): void => {
    void navigate({ to: '/incidents', search: next, replace: true });
  };
  return (
    <Page
      title="Incidents"
      intro="What is wrong with what all tenants share, or was. Pulser opens and resolves them by itself."
      isFull={rows.length > 0}
      actions={<ExportMenu path={path} query={query} />}
    >
      <div className="list-bar">
        <Choice<ShownState>
          label="Which incidents"
          value={state}
          onChange={(next) => {
            goTo({ state: next });
          }}
          options={[
            { id: 'open', text: 'Open' },
            { id: 'resolved', text: 'Resolved' },
            { id: 'all', text: 'All' },
          ]}
        />
      </div>
      {list.data === undefined ? (
        list.error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        )
      ) : rows.length === 0 ? (
        <EmptyState icon="success" title={state === 'open' ? 'Nothing is wrong' : 'No incident yet'} command={command}>
          An agent that is unhealthy, a queue that grows or a full disk is an incident here, and a message to the
          destinations of the installation. The same from a shell:
        </EmptyState>
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Incidents"
            rows={rows}
            columns={columns}
            idOf={({ incident_id: id }) => id}
            currentId={search.open}
            isLoading={list.isFetchingNextPage}
            onOpen={({ incident_id: id }) => {
              goTo({ ...search, open: id });
            }}
            onEnd={() => {
              if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        </div>
      )}
      {search.open !== undefined && (
        <IncidentDialog
          key={search.open}
          incidentId={search.open}
          onChanged={() => {
            void client.invalidateQueries({ queryKey: ['incidents'] });
          }}
          onClose={() => {
            goTo(search.state === undefined ? {} : { state: search.state });
          }}
        />
      )}
    </Page>
  );
};
