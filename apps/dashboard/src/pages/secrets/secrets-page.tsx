import './secrets.css';

import type { Secret, SecretList } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { CodeBlock } from '../../ui/code-block.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { count } from '../../ui/numbers.policy.js';
import { Facts, Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
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

const secretsKey = ['secrets'];

export const SecretsPage = () => {
  const { open } = useSearch({ from: '/frame/secrets' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('admin');
  const [isWriting, setWriting] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: secretsKey,
    queryFn: async ({ signal }) => (await api.get<SecretList>('/api/v1/secrets', { signal })).secrets,
    refetchInterval: 30_000,
  });
  const write = (): void => {
    setWriting(true);
  };
  const show = (name: string | undefined): void => {
    void navigate({ to: '/secrets', search: name === undefined ? {} : { open: name }, replace: true });
  };
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: secretsKey });
  };
  useKeys('Secrets', mayWrite ? [{ keys: 'c', label: 'Write a secret', run: write }] : []);
  useCommands('Secrets', mayWrite ? [{ id: 'write', title: 'Write a secret', icon: 'plus', run: write }] : []);
  const chosen = data?.find(({ name }) => name === open);
  return (
    <Page
      title="Secrets"
      intro="Values that tasks send along by name. Once written, Pulser shows them nowhere: not on this page, not in the API, not in the audit trail."
      isFull={data !== undefined && data.length > 0}
      actions={
        mayWrite ? (
          <Button kind="primary" icon="plus" onPress={write}>
            Write a secret
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
        <EmptyState icon="secrets" title="No secret yet" command={command}>
          {mayWrite
            ? 'Write a token or password here, with the hosts that tasks may send it to. From a shell:'
            : 'Administrators of the tenant write them. From a shell:'}
        </EmptyState>
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Secrets"
            rows={data}
            columns={columns}
            idOf={({ name }) => name}
            currentId={open}
            onOpen={({ name }) => {
              show(name);
            }}
          />
        </div>
      )}
      {open !== undefined && data !== undefined && chosen === undefined && (
        <Note kind="warn">There is no secret with the name of the address. It may have been deleted.</Note>
      )}
      {isWriting && (
        <PutSecretDialog
          onDone={refresh}
          onClose={() => {
            setWriting(false);
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
    </Page>
  );
};

interface SecretDialogProps {
  readonly secret: Secret;
  readonly mayWrite: boolean;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

const SecretDialog = ({ secret, mayWrite, onChanged, onClose }: SecretDialogProps) => {
  const [step, setStep] = useState<'facts' | 'replace' | 'delete'>('facts');
  const { name, hosts } = secret;
  const back = (): void => {
    setStep('facts');
  };
  if (step === 'replace') return <PutSecretDialog replaced={secret} onDone={onChanged} onClose={back} />;
  if (step === 'delete') {
    const remove = async (): Promise<void> => {
      await api.delete(`/api/v1/secrets/${encodeURIComponent(name)}`);
      toast.done(`${name} is deleted`);
      onChanged();
      onClose();
    };
    return (
      <Confirm isOpen title="Delete 1 secret?" verb="Delete 1 secret" isDanger onConfirm={remove} onClose={back}>
        Tasks that name {name} fail from then on; attempts that run keep what they have read. Its value is gone for
        good.
      </Confirm>
    );
  }
  return (
    <Dialog
      title={name}
      isOpen
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
                setStep('replace');
              }}
            >
              Replace
            </Button>
          </>
        ) : undefined
      }
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
    </Dialog>
  );
};
