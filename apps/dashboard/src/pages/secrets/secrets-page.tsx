import './secrets.css';

import type { Secret, SecretList } from '@pulser/contracts';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { ThingDialog } from '../../things/thing-dialog.js';
import { ThingPage } from '../../things/thing-page.js';
import { CodeBlock } from '../../ui/code-block.js';
import { count } from '../../ui/numbers.policy.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import type { Column } from '../../ui/virtual-table.js';
import { lineOf } from './host-lines.policy.js';
import { PutSecretDialog } from './put-secret.js';

const columns: readonly Column<Secret>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(120px, 1.4fr)',
    cell: ({ name }) => <span className="mono truncate">{name}</span>,
  },
  {
    id: 'hosts',
    title: 'May go to',
    width: 'minmax(120px, 2fr)',
    from: 420,
    cell: ({ hosts }) =>
      hosts.length === 0 ? (
        <span className="muted truncate">services of Pulser only</span>
      ) : (
        <span className="truncate">{hosts.map(lineOf).join(', ')}</span>
      ),
  },
  {
    id: 'by',
    title: 'Written by',
    width: 'minmax(96px, 1fr)',
    from: 720,
    cell: ({ updated_by: by }) => <span className="truncate">{by}</span>,
  },
  { id: 'version', title: 'Version', width: '64px', isRight: true, from: 560, cell: ({ version }) => count(version) },
  {
    id: 'updated',
    title: 'Written',
    width: '88px',
    isRight: true,
    cell: ({ updated_at: at }) => <RelativeTime at={at} isQuiet />,
  },
];

const command = `curl -sS -X PUT ${location.origin}/api/v1/secrets/billing-api -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{"value": "s3cr3t-t0k3n", "hosts": [{"host": "api.example.com"}]}'`;

const list = {
  key: ['secrets'],
  read: async (signal: AbortSignal) => (await api.get<SecretList>('/api/v1/secrets', { signal })).secrets,
  everyMs: 30_000,
};

const nameOf = ({ name }: Secret): string => name;

export const SecretsPage = () => {
  const { open, write } = useSearch({ from: '/frame/secrets' });
  const navigate = useNavigate();
  const [isAdding, setWriting] = useState(false);
  const isWriting = isAdding || write !== undefined;
  const show = (name: string | undefined): void => {
    void navigate({ to: '/secrets', search: name === undefined ? {} : { open: name }, replace: true });
  };
  return (
    <ThingPage<Secret>
      title="Secrets"
      noun="secret"
      icon="secrets"
      intro="Values that tasks send along by name. Once written, Pulser shows them nowhere: not on this page, not in the API, not in the audit trail."
      {...{ columns, list, open }}
      idOf={nameOf}
      onOpen={({ name }) => {
        show(name);
      }}
      add={{
        ...{ least: 'admin', label: 'Write a secret', command },
        how: 'Write a token or password here, with the hosts that tasks may send it to.',
        who: 'Administrators of the tenant write them.',
        run: () => {
          setWriting(true);
        },
      }}
    >
      {({ chosen, mayWrite, refresh }) => (
        <>
          {isWriting && mayWrite && (
            <PutSecretDialog
              key={write}
              {...(write !== undefined && { name: write })}
              onDone={refresh}
              onClose={() => {
                setWriting(false);
                if (write !== undefined) show(undefined);
              }}
            />
          )}
          {chosen !== undefined && !isWriting && (
            <SecretDialog
              key={chosen.name}
              secret={chosen}
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

interface SecretDialogProps {
  readonly secret: Secret;
  readonly mayWrite: boolean;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

const SecretDialog = ({ secret, mayWrite, onChanged, onClose }: SecretDialogProps) => {
  const { name, hosts } = secret;
  return (
    <ThingDialog
      name={name}
      noun="secret"
      path={`/api/v1/secrets/${encodeURIComponent(name)}`}
      verb="Replace"
      form={(back) => <PutSecretDialog replaced={secret} onDone={onChanged} onClose={back} />}
      loss={`Tasks that name ${name} fail from then on; attempts that run keep what they have read. Its value is gone for good.`}
      {...{ mayWrite, onChanged, onClose }}
    >
      <Facts
        facts={[
          {
            name: 'May go to',
            value:
              hosts.length === 0 ? (
                'no host: only services of Pulser use it'
              ) : (
                <ul className="secret-hosts">
                  {hosts.map((host) => (
                    <li key={lineOf(host)} className="mono">
                      {lineOf(host)}
                      {host.schemes === undefined && <span className="muted"> over https</span>}
                    </li>
                  ))}
                </ul>
              ),
          },
          { name: 'Version', value: count(secret.version) },
          { name: 'Written', value: <RelativeTime at={secret.updated_at} /> },
          { name: 'By', value: secret.updated_by },
          { name: 'Encrypted with', value: <span className="mono">{secret.key_id}</span> },
        ]}
      />
      {hosts.length > 0 && (
        <>
          <p className="muted">In a payload, where an operation takes headers of a request:</p>
          <CodeBlock
            label="Part of a payload"
            code={JSON.stringify({ headers: { authorization: { secret: name, prefix: 'Bearer ' } } }, null, 2)}
          />
        </>
      )}
    </ThingDialog>
  );
};
