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
import { Button, IconButton } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { counted } from '../../ui/numbers.policy.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
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
  const [step, setStep] = useState<'facts' | 'change' | 'delete'>('facts');
  const isOfInstallation = useCaller()?.tenant === null;
  const [error, setError] = useState<unknown>();
  const path = `/api/v1/destinations/${id}`;
  const refresh = (): void => {
    onChanged();
    void client.invalidateQueries({ queryKey: ['deliveries', id] });
  };
  const test = async (): Promise<void> => {
    setError(undefined);
    try {
      const { sent } = await api.post<Sent>(`${path}/test`);
      toast.done(sent === 'test' ? 'A test is on its way' : 'Another code is on its way');
      refresh();
    } catch (thrown) {
      setError(thrown);
    }
  };
  const back = (): void => {
    setStep('facts');
  };
  if (step === 'change') {
    const changed = (): void => {
      refresh();
      back();
    };
    return <EditDestinationDialog {...{ destination, isOfInstallation }} onDone={changed} onClose={back} />;
  }
  if (step === 'delete') {
    const remove = async (): Promise<void> => {
      await api.delete(path);
      toast.done(`${name} is deleted`);
      onClose();
      onChanged();
    };
    return (
      <Confirm
        isOpen
        title="Delete 1 destination?"
        verb="Delete 1 destination"
        isDanger
        onConfirm={remove}
        onClose={back}
      >
        Nothing is sent to {name} any more, and its log of deliveries is gone.
      </Confirm>
    );
  }
  return (
    <Dialog
      title={name}
      isOpen
      isWide
      onClose={onClose}
      actions={
        mayWrite ? (
          <>
            <Button
              kind="danger"
              icon="trash"
              onPress={() => {
                setStep('delete');
              }}
            >
              Delete
            </Button>
            <Button
              icon="edit"
              onPress={() => {
                setStep('change');
              }}
            >
              Change
            </Button>
            <Button icon="submit" onPress={() => void test()}>
              {destination.confirmed_at === null ? 'Send another code' : 'Send a test'}
            </Button>
          </>
        ) : undefined
      }
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
        {error !== undefined && <ErrorNote error={error} />}
        <Deliveries destinationId={id} />
      </div>
    </Dialog>
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
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async (): Promise<void> => {
    if (code.trim() === '' || isPending) return;
    setPending(true);
    setError(undefined);
    try {
      const confirmed = await api.post<ConfirmedDestination>('/api/v1/destinations/confirm', { code });
      toast.done(`${confirmed.name} is confirmed`);
      onDone(confirmed);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setPending(false);
    }
  };
  return (
    <form
      className="stack"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
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
      <h3 className="destination-heading">What was sent</h3>
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
