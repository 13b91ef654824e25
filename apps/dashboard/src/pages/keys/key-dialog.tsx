// One key: what it is, its replacement by a new one, and its end.
import type { KeyView, NewKey } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { PlaceLink } from '../../app/place-link.js';
import { useCaller } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { Select } from '../../ui/fields.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Badge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
import { keyStates, overlaps, submitsText } from './key-choices.js';
import { NewKeyDialog } from './new-key.js';

interface KeyDialogProps {
  readonly shown: KeyView;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

export const KeyDialog = ({ shown, onChanged, onClose }: KeyDialogProps) => {
  const [step, setStep] = useState<'facts' | 'rotate' | 'revoke'>('facts');
  const isOwn = useCaller()?.key_id === shown.key_id;
  const back = (): void => {
    setStep('facts');
  };
  if (step === 'rotate')
    return <RotateDialog shown={shown} isOwn={isOwn} onChanged={onChanged} onBack={back} onClose={onClose} />;
  if (step === 'revoke') {
    const revoke = async (): Promise<void> => {
      await api.delete(`/api/v1/keys/${shown.key_id}`);
      toast.done(`${shown.name} is revoked`);
      onChanged();
      onClose();
    };
    return (
      <Confirm isOpen title="Revoke 1 key?" verb="Revoke 1 key" isDanger onConfirm={revoke} onClose={back}>
        <p>
          {shown.name} ({shown.prefix}…) is refused everywhere within a second, and its sessions end with it. This
          cannot be undone.
        </p>
        {isOwn && <p>It is the key of your own login: you are logged out with it.</p>}
      </Confirm>
    );
  }
  const canEnd = shown.state === 'active';
  return (
    <Dialog
      title={shown.name}
      isOpen
      onClose={onClose}
      actions={
        canEnd ? (
          <>
            <Button
              kind="danger"
              icon="slash"
              onPress={() => {
                setStep('revoke');
              }}
            >
              Revoke
            </Button>
            <Button
              icon="refresh"
              onPress={() => {
                setStep('rotate');
              }}
            >
              Rotate
            </Button>
          </>
        ) : undefined
      }
    >
      {isOwn && <Note>It is the key of your own login.</Note>}
      <KeyFacts shown={shown} />
    </Dialog>
  );
};

const KeyFacts = ({ shown }: { readonly shown: KeyView }) => {
  const { tone, icon, text } = keyStates[shown.state];
  const when = (name: string, at: string | null, none: string) => ({
    name,
    value: at === null ? <span className="muted">{none}</span> : <RelativeTime at={at} />,
  });
  return (
    <Facts
      facts={[
        {
          name: 'State',
          value: (
            <Badge tone={tone} icon={icon}>
              {text}
            </Badge>
          ),
        },
        { name: 'Role', value: shown.role },
        { name: 'May submit', value: submitsText(shown, 'tasks of every type') },
        { name: 'Begins with', value: <span className="mono">{shown.prefix}</span> },
        when('Created', shown.created_at, ''),
        when('Last used', shown.last_used_at, 'never'),
        when('Ends', shown.expires_at, 'when it is revoked'),
        ...(shown.revoked_at === null ? [] : [when('Revoked', shown.revoked_at, '')]),
        ...(shown.rotated_from === null
          ? []
          : [
              {
                name: 'Replaces',
                value: (
                  <PlaceLink place={`/keys?tab=keys&state=all&open=${shown.rotated_from}`} className="mono">
                    {shown.rotated_from}
                  </PlaceLink>
                ),
              },
            ]),
        { name: 'Id', value: <span className="mono">{shown.key_id}</span> },
        {
          name: 'In the trail',
          value: (
            <span className="cluster">
              <PlaceLink place={`/audit?actor_id=${shown.key_id}`}>What it did</PlaceLink>
              <PlaceLink place={`/audit?target=${shown.key_id}`}>What was done to it</PlaceLink>
            </span>
          ),
        },
      ]}
    />
  );
};

interface RotateDialogProps extends KeyDialogProps {
  readonly isOwn: boolean;
  readonly onBack: () => void;
}

const usualOverlap = '86400';

const RotateDialog = ({ shown, isOwn, onChanged, onBack, onClose }: RotateDialogProps) => {
  const [overlap, setOverlap] = useState(usualOverlap);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  // Kept here alone, as in `create-key.tsx`.
  const [made, setMade] = useState<NewKey>();
  // One's own login ends with the old key, and must not do so before the new one is read.
  const offered = isOwn ? overlaps.filter(({ id }) => id !== '0') : overlaps;
  const endText = overlaps.find(({ id }) => id === overlap)?.text.toLowerCase();
  if (made !== undefined) return <NewKeyDialog made={made} oldEnds={endText} onClose={onClose} />;
  const rotate = async (): Promise<void> => {
    setPending(true);
    setError(undefined);
    try {
      setMade(await api.post<NewKey>(`/api/v1/keys/${shown.key_id}/rotate`, { overlap_s: Number(overlap) }));
      onChanged();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setPending(false);
    }
  };
  return (
    <Dialog
      title={`Rotate ${shown.name}`}
      isOpen
      onClose={onBack}
      actions={
        <>
          <Button onPress={onBack}>Keep as it is</Button>
          <Button kind="primary" isPending={isPending} onPress={() => void rotate()}>
            Make the new key
          </Button>
        </>
      }
    >
      <p className="muted">
        A new key with the same name and rights, and as long a life as this one had. Both are valid until the old one
        ends, so that programs can be changed one after the other.
      </p>
      <Select label="The old key ends" options={offered} value={overlap} onChange={setOverlap} />
      {overlap === '0' && (
        <Note kind="warn" icon="alert">
          Whatever still uses the old key is refused at once.
        </Note>
      )}
      {isOwn && (
        <Note>It is the key of your own login, which ends with the old key: log in with the new one then.</Note>
      )}
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
};
