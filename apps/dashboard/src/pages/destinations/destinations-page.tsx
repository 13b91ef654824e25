import './destinations.css';

import type { DestinationKind, DestinationList, DestinationView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useCaller, useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { AddDestinationDialog } from './add-destination.js';
import { DestinationDialog } from './destination-dialog.js';

const kinds: Readonly<Record<DestinationKind, string>> = {
  slack: 'Slack',
  email: 'E-mail',
  webhook: 'Webhook',
  log: 'Log',
};

const whereTo = ({ kind, to, url, secret }: DestinationView): string =>
  to ?? url ?? (kind === 'log' ? 'the log of the health service' : `the address in ${secret ?? 'no secret'}`);

const columns: readonly Column<DestinationView>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(110px, 1.2fr)',
    cell: ({ name }) => <span className="mono truncate">{name}</span>,
  },
  { id: 'kind', title: 'Kind', width: '84px', from: 480, cell: ({ kind }) => kinds[kind] },
  {
    id: 'to',
    title: 'To',
    width: 'minmax(120px, 2fr)',
    from: 620,
    cell: (destination) => <span className="truncate">{whereTo(destination)}</span>,
  },
  {
    id: 'state',
    title: 'State',
    width: '128px',
    cell: ({ confirmed_at: at }) =>
      at === null ? (
        <Badge tone="wait" icon="wait">
          Not confirmed
        </Badge>
      ) : (
        <Badge tone="ok" icon="success">
          Confirmed
        </Badge>
      ),
  },
  {
    id: 'made',
    title: 'Added',
    width: '88px',
    isRight: true,
    from: 760,
    cell: ({ made_at: at }) => <RelativeTime at={at} isQuiet />,
  },
];

const command = `curl -sS ${location.origin}/api/v1/destinations -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{"name": "on-call", "kind": "email", "to": "on-call@example.com"}'`;

const listKey = ['destinations'];

export const DestinationsPage = () => {
  const { open } = useSearch({ from: '/frame/destinations' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('admin');
  const isOfInstallation = useCaller()?.tenant === null;
  const [isAdding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: listKey,
    queryFn: async ({ signal }) => (await api.get<DestinationList>('/api/v1/destinations', { signal })).destinations,
    refetchInterval: 10_000,
  });
  const add = (): void => {
    setAdding(true);
  };
  const show = (id: string | undefined): void => {
    void navigate({ to: '/destinations', search: id === undefined ? {} : { open: id }, replace: true });
  };
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: listKey });
  };
  useKeys('Destinations', mayWrite ? [{ keys: 'c', label: 'Add a destination', run: add }] : []);
  useCommands('Destinations', mayWrite ? [{ id: 'add', title: 'Add a destination', icon: 'plus', run: add }] : []);
  const chosen = data?.find(({ destination_id: id }) => id === open);
  return (
    <Page
      title="Destinations"
      intro={
        isOfInstallation
          ? 'Who is told of incidents, and where. Each is confirmed by its receiver.'
          : 'Where Pulser sends messages of this tenant. Each is confirmed by its receiver.'
      }
      isFull={data !== undefined && data.length > 0}
      actions={
        mayWrite ? (
          <Button kind="primary" icon="plus" onPress={add}>
            Add a destination
          </Button>
        ) : undefined
      }
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <EmptyState icon="bell" title="No destination yet" command={command}>
          {mayWrite
            ? 'Add a Slack channel, an e-mail address or a webhook. From a shell:'
            : 'Administrators add them. From a shell:'}
        </EmptyState>
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Destinations"
            rows={data}
            columns={columns}
            idOf={({ destination_id: id }) => id}
            currentId={open}
            onOpen={({ destination_id: id }) => {
              show(id);
            }}
          />
        </div>
      )}
      {open !== undefined && data !== undefined && chosen === undefined && (
        <Note kind="warn">There is no destination with the id of the address. It may have been deleted.</Note>
      )}
      {isAdding && (
        <AddDestinationDialog
          isOfInstallation={isOfInstallation}
          onDone={(made) => {
            refresh();
            setAdding(false);
            show(made.destination_id);
          }}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {chosen !== undefined && !isAdding && (
        <DestinationDialog
          key={chosen.destination_id}
          destination={chosen}
          mayWrite={mayWrite}
          onChanged={refresh}
          onClose={() => {
            show(undefined);
          }}
        />
      )}
    </Page>
  );
};
