// One destination: what it is, whether it is confirmed, and what was sent to it.
import type {
  ConfirmedDestination,
  DeliveryPage,
  DeliveryState,
  DeliveryView,
  DestinationView,
  Sent,
} from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useCaller } from '../../session/session.js';
import { ThingDialog } from '../../things/thing-dialog.js';
import { Button, IconButton } from '../../ui/button.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { counted } from '../../ui/numbers.policy.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
import { useWrite } from '../../ui/use-write.js';
import { EditDestinationDialog } from './edit-destination.js';

interface DestinationDialogProps {
  readonly destination: DestinationView;
  readonly mayWrite: boolean;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

const quietText = ({ quiet }: DestinationView): string =>
  quiet === null ? 'none' : `${quiet.from} to ${quiet.to}, ${quiet.time_zone}`;

const incidentsText = ({ incidents_from: from, after_min: after }: DestinationView): string => {
  if (from === null) return 'none';
  const which = { info: 'all', warning: 'warnings and critical ones', critical: 'critical ones' }[from];
  return after === null ? which : `${which} that nobody acknowledged for ${counted(after, 'minute')}`;
};

export const DestinationDialog = ({ destination, mayWrite, onChanged, onClose }: DestinationDialogProps) => {
  const { destination_id: id, name, kind } = destination;
  const client = useQueryClient();
  const isOfInstallation = useCaller()?.tenant === null;
  const test = useWrite();
  const path = `/api/v1/destinations/${id}`;
  const refresh = (): void => {
    onChanged();
    void client.invalidateQueries({ queryKey: ['deliveries', id] });
  };
  const sendTest = async (): Promise<void> => {
    const { sent } = await api.post<Sent>(`${path}/test`);
    toast.done(sent === 'test' ? 'A test is on its way' : 'Another code is on its way');
    refresh();
  };
  return (
    <ThingDialog
      name={name}
      noun="destination"
      path={path}
      isWide
      verb="Change"
      form={(back) => (
        <EditDestinationDialog
          {...{ destination, isOfInstallation }}
          onDone={() => {
            refresh();
            back();
          }}
          onClose={back}
        />
      )}
      loss={`Nothing is sent to ${name} any more, and its log of deliveries is gone.`}
      actions={
        <Button
          icon="submit"
          isPending={test.isPending}
          onPress={() => {
            test.write(sendTest);
          }}
        >
          {destination.confirmed_at === null ? 'Send another code' : 'Send a test'}
        </Button>
      }
      {...{ mayWrite, onChanged, onClose }}
    >
      <div className="stack">
        <Facts
          facts={[
            { name: 'Kind', value: kind },
            ...(destination.to === null ? [] : [{ name: 'Address', value: destination.to }]),
            ...(destination.url === null
              ? []
              : [{ name: 'URL', value: <span className="mono">{destination.url}</span> }]),
            ...(destination.secret === null
              ? []
              : [{ name: 'Secret', value: <span className="mono">{destination.secret}</span> }]),
            ...(isOfInstallation ? [{ name: 'Incidents', value: incidentsText(destination) }] : []),
            { name: 'Quiet hours', value: quietText(destination) },
            { name: 'Added by', value: destination.made_by },
            {
              name: 'Confirmed',
              value:
                destination.confirmed_at === null ? (
                  'not yet: nothing but the code is sent to it'
                ) : (
                  <RelativeTime at={destination.confirmed_at} />
                ),
            },
          ]}
        />
        {destination.confirmed_at === null && <ConfirmForm onDone={refresh} />}
        {test.error !== undefined && <ErrorNote error={test.error} />}
        <Deliveries destinationId={id} />
      </div>
    </ThingDialog>
  );
};

/** For whoever has the code: on this page an administrator who is the receiver too. */
export const ConfirmForm = ({
  code: given = '',
  onDone,
}: {
  readonly code?: string;
  readonly onDone: (confirmed: ConfirmedDestination) => void;
}) => {
  const [code, setCode] = useState(given);
  const { isPending, error, write } = useWrite();
  const confirm = (): void => {
    if (code.trim() === '') return;
    write(async () => {
      const confirmed = await api.post<ConfirmedDestination>('/api/v1/destinations/confirm', { code });
      toast.done(`${confirmed.name} is confirmed`);
      onDone(confirmed);
    });
  };
  return (
    <form
      className="stack"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        confirm();
      }}
    >
      <TextField
        label="Code that the receiver got"
        value={code}
        onChange={setCode}
        isCode
        autoComplete="one-time-code"
      />
      <div>
        <Button type="submit" icon="check" isPending={isPending} isDisabled={code.trim() === ''}>
          Confirm
        </Button>
      </div>
      {error !== undefined && <ErrorNote error={error} />}
    </form>
  );
};

const looks = {
  pending: { tone: 'wait', icon: 'wait', text: 'Waits' },
  delivered: { tone: 'ok', icon: 'success', text: 'Delivered' },
  failed: { tone: 'bad', icon: 'failed', text: 'Failed' },
  skipped: { tone: 'idle', icon: 'slash', text: 'Skipped' },
} as const satisfies Record<DeliveryState, object>;

const shown = 20;

const Deliveries = ({ destinationId }: { readonly destinationId: string }) => {
  const { data, error, refetch } = useQuery({
    queryKey: ['deliveries', destinationId],
    queryFn: async ({ signal }) =>
      (
        await api.get<DeliveryPage>(`/api/v1/destinations/${destinationId}/deliveries`, {
          query: { limit: shown },
          signal,
        })
      ).deliveries,
    refetchInterval: 3_000,
  });
  return (
    <section aria-label="Deliveries">
      <h3 className="part-heading">What was sent</h3>
      {data === undefined ? (
        error === null ? (
          <Skeleton height="80px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <p className="muted">Nothing yet.</p>
      ) : (
        <ul className="deliveries">
          {data.map((delivery) => (
            <Delivery key={delivery.delivery_id} delivery={delivery} onChanged={() => void refetch()} />
          ))}
        </ul>
      )}
      {data?.length === shown && <p className="muted">The newest {shown}. The API has the rest.</p>}
    </section>
  );
};

const Delivery = ({ delivery, onChanged }: { readonly delivery: DeliveryView; readonly onChanged: () => void }) => {
  const { tone, icon, text } = looks[delivery.state];
  const last = delivery.log.at(-1);
  const redeliver = async (): Promise<void> => {
    try {
      await api.post(`/api/v1/deliveries/${delivery.delivery_id}/redeliver`);
      toast.done('It is sent again, under the same id');
      onChanged();
    } catch {
      toast.failed('It is not sent again: it is under way still');
    }
  };
  return (
    <li className="delivery">
      <RelativeTime at={delivery.created_at} isQuiet />
      <span className="delivery-text">
        <span>{delivery.subject}</span>
        {last !== undefined && (
          <span className="muted">
            {last.detail} ({counted(delivery.attempts, 'attempt')})
          </span>
        )}
      </span>
      <Badge tone={tone} icon={icon}>
        {text}
      </Badge>
      {delivery.state !== 'pending' && delivery.kind !== 'confirmation' && (
        <IconButton icon="replay" label={`Send again: ${delivery.subject}`} onPress={() => void redeliver()} />
      )}
    </li>
  );
};
