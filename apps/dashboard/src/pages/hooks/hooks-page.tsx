import type { HookList, HookView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { CodeBlock } from '../../ui/code-block.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { Facts, Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { HookDialog } from './hook-dialog.js';
import { causeText } from './hook-form.policy.js';

const HookState = ({ hook: { enabled, last, refused } }: { readonly hook: HookView }) => {
  if (!enabled) return <Badge tone="idle">disabled</Badge>;
  if (refused !== null && (last === null || last.at < refused.at)) return <Badge tone="bad">{refused.reason}</Badge>;
  return last === null ? <Badge tone="idle">never fired</Badge> : <Badge tone="ok">fired</Badge>;
};

const columns: readonly Column<HookView>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(110px, 1.2fr)',
    cell: ({ name }) => <span className="mono truncate">{name}</span>,
  },
  {
    id: 'on',
    title: 'When',
    width: 'minmax(140px, 2fr)',
    from: 560,
    cell: ({ on }) => <span className="truncate">{causeText(on)}</span>,
  },
  {
    id: 'task',
    title: 'Task',
    width: 'minmax(90px, 1fr)',
    from: 860,
    cell: ({ task }) => <span className="truncate">{task.task_type}</span>,
  },
  { id: 'state', title: 'Last outcome', width: '150px', cell: (hook) => <HookState hook={hook} /> },
  {
    id: 'at',
    title: 'Last task',
    width: '88px',
    isRight: true,
    from: 700,
    cell: ({ last }) => (last === null ? null : <RelativeTime at={last.at} isQuiet />),
  },
];

const command = `curl -sS -X PUT ${location.origin}/api/v1/hooks/look-into-it -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{"on": {"kind": "task.failed", "task_type": "data_pipeline"},
  "task": {"task_type": "analytics", "payload": {"operation": "telemetry_report"}}}'`;

const hooksKey = ['hooks'];

export const HooksPage = () => {
  const { open, create } = useSearch({ from: '/frame/hooks' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('admin');
  const { data, error, refetch } = useQuery({
    queryKey: hooksKey,
    queryFn: async ({ signal }) => (await api.get<HookList>('/api/v1/hooks', { signal })).hooks,
    refetchInterval: 5_000,
  });
  const show = (name: string | undefined): void => {
    void navigate({ to: '/hooks', search: name === undefined ? {} : { open: name }, replace: true });
  };
  const add = (): void => {
    void navigate({ to: '/hooks', search: { create: true }, replace: true });
  };
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: hooksKey });
  };
  useKeys('Hooks', mayWrite ? [{ keys: 'c', label: 'New hook', run: add }] : []);
  useCommands('Hooks', mayWrite ? [{ id: 'add', title: 'New hook', icon: 'plus', run: add }] : []);
  const chosen = data?.find(({ name }) => name === open);
  return (
    <Page
      title="Hooks"
      intro="Tasks that are submitted when something happens: a signed request comes, a task fails, a dataset has a new version."
      isFull={data !== undefined && data.length > 0}
      actions={
        mayWrite ? (
          <Button kind="primary" icon="plus" onPress={add}>
            New hook
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
        <EmptyState icon="bolt" title="No hook yet" command={command}>
          {mayWrite ? 'Create one here. From a shell:' : 'Administrators create them. From a shell:'}
        </EmptyState>
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Hooks"
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
        <Note kind="warn">There is no hook with the name of the address. It may have been deleted.</Note>
      )}
      {create === true && mayWrite && (
        <HookDialog
          onDone={({ name }) => {
            toast.done(`${name} is there`);
            refresh();
            show(name);
          }}
          onClose={() => {
            show(undefined);
          }}
        />
      )}
      {chosen !== undefined && (
        <OpenHook
          key={chosen.name}
          hook={chosen}
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

interface OpenHookProps {
  readonly hook: HookView;
  readonly mayWrite: boolean;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

const OpenHook = ({ hook, mayWrite, onChanged, onClose }: OpenHookProps) => {
  const [step, setStep] = useState<'facts' | 'change' | 'delete'>('facts');
  const { name } = hook;
  const back = (): void => {
    setStep('facts');
  };
  if (step === 'change')
    return (
      <HookDialog
        hook={hook}
        onDone={() => {
          toast.done(`${name} is saved`);
          onChanged();
          back();
        }}
        onClose={back}
      />
    );
  if (step === 'delete') {
    const remove = async (): Promise<void> => {
      await api.delete(`/api/v1/hooks/${encodeURIComponent(name)}`);
      toast.done(`${name} is deleted`);
      onChanged();
      onClose();
    };
    return (
      <Confirm isOpen title="Delete 1 hook?" verb="Delete 1 hook" isDanger onConfirm={remove} onClose={back}>
        Its address is gone for good: a hook of the same name gets another one. Its tasks go on.
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
          </>
        ) : undefined
      }
    >
      <HookFacts hook={hook} />
    </Dialog>
  );
};

const HookFacts = ({ hook }: { readonly hook: HookView }) => {
  const { on, path, last, refused, author, task, map } = hook;
  return (
    <>
      <Facts
        facts={[
          { name: 'When', value: causeText(on) },
          { name: 'Last outcome', value: <HookState hook={hook} /> },
          {
            name: 'Last task',
            value:
              last === null ? (
                '–'
              ) : (
                <PlaceLink place={`/tasks/${last.task_id}`} className="mono">
                  {last.task_id}
                </PlaceLink>
              ),
          },
          {
            name: 'Refused last',
            value:
              refused === null ? (
                '–'
              ) : (
                <>
                  <RelativeTime at={refused.at} /> {refused.detail ?? refused.reason}
                </>
              ),
          },
          { name: 'Author', value: <span className="mono">{author}</span> },
          { name: 'Changed', value: <RelativeTime at={hook.changed_at} /> },
        ]}
      />
      {path !== null && <CodeBlock label="Address" code={location.origin + path} />}
      <JsonView value={{ task, map }} label="Task" />
    </>
  );
};
