// Adding a destination: what is asked for depends on its kind.
import type { DestinationView, QuietHours, Severity } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { Choice } from '../../ui/choice.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { Checkbox, Select, TextField } from '../../ui/fields.js';
import { toast } from '../../ui/toast.js';

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

const severities = [
  { id: 'info', text: 'All incidents' },
  { id: 'warning', text: 'Warnings and critical ones' },
  { id: 'critical', text: 'Critical ones only' },
  { id: 'none', text: 'None' },
] as const;

const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
const nameShape = /^[a-z][a-z0-9-]{0,62}$/;

export const AddDestinationDialog = ({ isOfInstallation, onDone, onClose }: AddDestinationProps) => {
  const [kind, setKind] = useState<Kind>('email');
  const [name, setName] = useState('');
  const [to, setTo] = useState('');
  const [url, setUrl] = useState('');
  const [secret, setSecret] = useState('');
  const [from, setFrom] = useState<Severity | 'none'>('warning');
  const [after, setAfter] = useState('');
  const [isQuiet, setQuiet] = useState(false);
  const [start, setStart] = useState('22:00');
  const [end, setEnd] = useState('07:00');
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const afterMin = after.trim() === '' ? null : Number(after);
  const isAfterWrong = afterMin !== null && !(Number.isInteger(afterMin) && afterMin >= 1 && afterMin <= 10_080);
  const hasAddress = { email: to.trim() !== '', slack: secret !== '', webhook: url !== '' && secret !== '' }[kind];
  const isReady =
    nameShape.test(name) && hasAddress && !isAfterWrong && (!isQuiet || (clock.test(start) && clock.test(end)));
  const quiet: QuietHours | null = isQuiet ? { from: start, to: end, time_zone: zone } : null;

  const add = async (): Promise<void> => {
    if (!isReady || isPending) return;
    setPending(true);
    setError(undefined);
    const address = { email: { to: to.trim() }, slack: { secret }, webhook: { url: url.trim(), secret } }[kind];
    const routing = isOfInstallation ? { incidents_from: from === 'none' ? null : from, after_min: afterMin } : {};
    try {
      const made = await api.post<DestinationView>('/api/v1/destinations', {
        name,
        kind,
        ...address,
        ...routing,
        quiet,
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
        {isOfInstallation && (
          <>
            <Select label="Incidents" options={severities} value={from} onChange={setFrom} />
            <TextField
              label="Only what nobody acknowledged for, in minutes"
              value={after}
              onChange={setAfter}
              hint="Empty: at once. With a number it is for escalation."
              error={isAfterWrong ? 'A number from 1 to 10080.' : undefined}
            />
          </>
        )}
        <Checkbox isSelected={isQuiet} onChange={setQuiet}>
          Quiet hours: what is not critical waits
        </Checkbox>
        {isQuiet && (
          <div className="destination-quiet">
            <TextField label="From" value={start} onChange={setStart} isCode />
            <TextField label="To" value={end} onChange={setEnd} isCode />
            <TextField label="Time zone" value={zone} onChange={setZone} isCode />
          </div>
        )}
        {error !== undefined && <ErrorNote error={error} />}
      </form>
    </Dialog>
  );
};
