// Adding a destination: what is asked for depends on its kind.
import type { DestinationView } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { Choice } from '../../ui/choice.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { toast } from '../../ui/toast.js';
import { newRouting, routingFaults, routingOf } from './routing-draft.policy.js';
import { RoutingFields } from './routing-fields.js';

interface AddDestinationProps {
  readonly isOfInstallation: boolean;
  readonly onDone: (made: DestinationView) => void;
  readonly onClose: () => void;
}

type Kind = 'email' | 'slack' | 'webhook';

const kinds = [
  { id: 'email', text: 'E-mail' },
  { id: 'slack', text: 'Slack' },
  { id: 'webhook', text: 'Webhook' },
] as const;

const nameShape = /^[a-z][a-z0-9-]{0,62}$/;

export const AddDestinationDialog = ({ isOfInstallation, onDone, onClose }: AddDestinationProps) => {
  const [kind, setKind] = useState<Kind>('email');
  const [name, setName] = useState('');
  const [to, setTo] = useState('');
  const [url, setUrl] = useState('');
  const [secret, setSecret] = useState('');
  const [routing, setRouting] = useState(() => newRouting(Intl.DateTimeFormat().resolvedOptions().timeZone));
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const faults = routingFaults(routing);
  const hasAddress = { email: to.trim() !== '', slack: secret !== '', webhook: url !== '' && secret !== '' }[kind];
  const isReady = nameShape.test(name) && hasAddress && Object.keys(faults).length === 0;

  const add = async (): Promise<void> => {
    if (!isReady || isPending) return;
    setPending(true);
    setError(undefined);
    const address = { email: { to: to.trim() }, slack: { secret }, webhook: { url: url.trim(), secret } }[kind];
    try {
      const made = await api.post<DestinationView>('/api/v1/destinations', {
        name,
        kind,
        ...address,
        ...routingOf(routing, isOfInstallation),
      });
      toast.done(`${name} is added: its receiver was sent a code`);
      onDone(made);
    } catch (thrown) {
      setError(thrown);
      setPending(false);
    }
  };
  const secretHint = isOfInstallation
    ? 'A name in NOTIFY_SECRETS of the health service.'
    : 'The name of a secret of the tenant; write it on the page of secrets.';
  return (
    <Dialog
      title="Add a destination"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={isPending} isDisabled={!isReady} onPress={() => void add()}>
            Add it
          </Button>
        </>
      }
    >
      <form
        className="stack"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Choice<Kind> label="Kind" options={kinds} value={kind} onChange={setKind} />
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          isCode
          autoFocus
          hint="By which tasks and routes name it."
          error={
            name !== '' && !nameShape.test(name)
              ? 'A small letter, then small letters, digits and hyphens, 63 at most.'
              : undefined
          }
        />
        {kind === 'email' && <TextField label="Address" value={to} onChange={setTo} type="email" />}
        {kind === 'webhook' && (
          <TextField label="URL" value={url} onChange={setUrl} isCode placeholder="https://ops.example.com/pulser" />
        )}
        {kind !== 'email' && (
          <TextField
            label={kind === 'slack' ? 'Secret with the URL of the incoming webhook' : 'Secret that signs the requests'}
            value={secret}
            onChange={setSecret}
            isCode
            hint={secretHint}
          />
        )}
        <RoutingFields draft={routing} faults={faults} isOfInstallation={isOfInstallation} onChange={setRouting} />
        {error !== undefined && <ErrorNote error={error} />}
      </form>
    </Dialog>
  );
};
