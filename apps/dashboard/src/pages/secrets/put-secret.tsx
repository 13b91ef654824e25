// Writing a secret: its value goes to the server and nowhere else, and is forgotten here as soon as it is there.
import type { Secret, SecretOrder } from '@pulser/contracts';
import { type ReactNode, useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { CodeBlock } from '../../ui/code-block.js';
import { Note } from '../../ui/error-state.js';
import { Checkbox, TextField } from '../../ui/fields.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { nameFault, nameShape } from '../../things/name.js';
import { toast } from '../../ui/toast.js';
import { hostsIn, lineOf } from './host-lines.policy.js';

interface PutSecretDialogProps {
  /** The one that gets another value; without, a new one is made. */
  readonly replaced?: Secret;
  /** What a new one is to be called. */
  readonly name?: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Characters that a value has at least: a shorter one could not be found in results, where it is taken out. */
const minCharacters = 8;

export const PutSecretDialog = ({ replaced, name: wanted = '', onDone, onClose }: PutSecretDialogProps) => {
  const [name, setName] = useState(replaced?.name ?? wanted);
  const [value, setValue] = useState('');
  const [hasLines, setLines] = useState(false);
  const [hostText, setHostText] = useState(replaced?.hosts.map(lineOf).join('\n') ?? '');
  const { hosts, error: hostError } = hostsIn(hostText);
  const isReady = nameShape.test(name) && value.length >= minCharacters && hostError === undefined;

  const put = async (): Promise<void> => {
    const order: SecretOrder = { value, hosts: [...hosts] };
    const { version } = await api.put<Secret>(`/api/v1/secrets/${name}`, order);
    setValue('');
    toast.done(version === 1 ? `${name} is written` : `${name} is replaced: version ${String(version)}`);
    onDone();
    onClose();
  };
  return (
    <FormDialog
      title={replaced === undefined ? 'Write a secret' : `Replace ${replaced.name}`}
      verb={replaced === undefined ? 'Write it' : 'Replace it'}
      isReady={isReady}
      onWrite={put}
      onClose={onClose}
      errorText={notConfigured}
    >
      {replaced === undefined && (
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          isCode
          autoFocus={wanted === ''}
          autoComplete="off"
          hint="By which tasks name it. One that is there already is replaced."
          error={nameFault(name)}
        />
      )}
      <TextField
        label={replaced === undefined ? 'Value' : 'New value'}
        value={value}
        onChange={setValue}
        isCode
        autoFocus={replaced !== undefined || wanted !== ''}
        // Not a login: no browser should offer to keep it, or to fill in one that it keeps.
        autoComplete="new-password"
        hint={`${String(minCharacters)} characters to 8 kB. It is never shown again.`}
        {...(hasLines ? { rows: 6 } : { type: 'password' })}
        onPaste={(event) => {
          const text = event.clipboardData.getData('text/plain');
          // A field of one line would run them together without a word.
          if (hasLines || !/[\r\n]/.test(text.trim())) return;
          event.preventDefault();
          setLines(true);
          setValue(text);
        }}
      />
      <Checkbox
        isSelected={hasLines}
        onChange={(isOn) => {
          setLines(isOn || value.includes('\n'));
        }}
      >
        It has several lines, and is seen while it is written
      </Checkbox>
      <TextField
        label="Hosts that it may go to"
        rows={3}
        value={hostText}
        onChange={setHostText}
        isCode
        placeholder={'api.example.com\n*.example.com:8443'}
        hint="One a line, over https unless http:// stands before it. Without any, only services of Pulser use it."
        error={hostError}
      />
      {replaced !== undefined && (
        <p className="muted">
          Hosts cannot be changed alone: who could do that without knowing the value could have it sent to a host of
          their own.
        </p>
      )}
    </FormDialog>
  );
};

/** What is to be done where no secrets can be kept. @returns undefined for any other error */
const notConfigured = (error: unknown): ReactNode =>
  isApiError(error, 'secrets_not_configured') ? (
    <div role="alert">
      <Note kind="warn" icon="alert">
        <strong>This Pulser can keep no secrets yet.</strong>
        <p>
          It has no key to encrypt them with. Whoever runs it sets SECRETS_KEY, the same for the gateway and all agents;
          nothing was stored.
        </p>
        <CodeBlock label="Command" code={'export SECRETS_KEY="$(openssl rand -base64 32)"'} />
        <p>It must be kept: without it no secret can be decrypted again. Under npm start it is made by itself.</p>
      </Note>
    </div>
  ) : undefined;
