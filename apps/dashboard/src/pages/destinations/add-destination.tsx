// Adding a destination: what is asked for depends on its kind.
import type { DestinationView } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { Choice } from '../../ui/choice.js';
import { TextField } from '../../ui/fields.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { nameFault, nameShape } from '../../things/name.js';
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

export const AddDestinationDialog = ({ isOfInstallation, onDone, onClose }: AddDestinationProps) => {
  const [kind, setKind] = useState<Kind>('email');
  const [name, setName] = useState('');
  const [to, setTo] = useState('');
  const [url, setUrl] = useState('');
  const [secret, setSecret] = useState('');
  const [routing, setRouting] = useState(() => newRouting(Intl.DateTimeFormat().resolvedOptions().timeZone));
  const faults = routingFaults(routing);
  const hasAddress = { email: to.trim() !== '', slack: secret !== '', webhook: url !== '' && secret !== '' }[kind];
  const isReady = nameShape.test(name) && hasAddress && Object.keys(faults).length === 0;

  const add = async (): Promise<void> => {
    const address = { email: { to: to.trim() }, slack: { secret }, webhook: { url: url.trim(), secret } }[kind];
    const order = { name, kind, ...address, ...routingOf(routing, isOfInstallation) };
    const made = await api.post<DestinationView>('/api/v1/destinations', order);
    toast.done(`${name} is added: its receiver was sent a code`);
    onDone(made);
  };
  const secretHint = isOfInstallation
    ? 'A name in NOTIFY_SECRETS of the health service.'
    : 'The name of a secret of the tenant; write it on the page of secrets.';
  return (
    <FormDialog title="Add a destination" verb="Add it" isReady={isReady} onWrite={add} onClose={onClose}>
      <Choice<Kind> label="Kind" options={kinds} value={kind} onChange={setKind} />
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        isCode
        autoFocus
        hint="By which tasks and routes name it."
        error={nameFault(name)}
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
    </FormDialog>
  );
};
