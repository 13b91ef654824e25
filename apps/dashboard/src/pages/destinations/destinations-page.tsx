import './destinations.css';

import type { DestinationKind, DestinationList, DestinationView } from '@pulser/contracts';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useCaller } from '../../session/session.js';
import { ThingPage } from '../../things/thing-page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Badge } from '../../ui/status-badge.js';
import type { Column } from '../../ui/virtual-table.js';
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

const list = {
  key: ['destinations'],
  read: async (signal: AbortSignal) =>
    (await api.get<DestinationList>('/api/v1/destinations', { signal })).destinations,
  everyMs: 10_000,
};

const idOf = ({ destination_id: id }: DestinationView): string => id;

export const DestinationsPage = () => {
  const { open } = useSearch({ from: '/frame/destinations' });
  const navigate = useNavigate();
  const isOfInstallation = useCaller()?.tenant === null;
  const [isAdding, setAdding] = useState(false);
  const show = (id: string | undefined): void => {
    void navigate({ to: '/destinations', search: id === undefined ? {} : { open: id }, replace: true });
  };
  return (
    <ThingPage<DestinationView>
      title="Destinations"
      noun="destination"
      icon="bell"
      intro={
        isOfInstallation
          ? 'Who is told of incidents, and where. Each is confirmed by its receiver.'
          : 'Where Pulser sends messages of this tenant. Each is confirmed by its receiver.'
      }
      {...{ columns, list, open, idOf }}
      onOpen={(destination) => {
        show(idOf(destination));
      }}
      add={{
        ...{ least: 'admin', label: 'Add a destination', command },
        ...{ how: 'Add a Slack channel, an e-mail address or a webhook.', who: 'Administrators add them.' },
        run: () => {
          setAdding(true);
        },
      }}
    >
      {({ chosen, mayWrite, refresh }) => (
        <>
          {isAdding && (
            <AddDestinationDialog
              isOfInstallation={isOfInstallation}
              onDone={(made) => {
                refresh();
                setAdding(false);
                show(idOf(made));
              }}
              onClose={() => {
                setAdding(false);
              }}
            />
          )}
          {chosen !== undefined && !isAdding && (
            <DestinationDialog
              key={idOf(chosen)}
              destination={chosen}
              mayWrite={mayWrite}
              onChanged={refresh}
              onClose={() => {
                show(undefined);
              }}
            />
          )}
        </>
      )}
    </ThingPage>
  );
};
