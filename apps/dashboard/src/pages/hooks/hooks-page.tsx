import type { HookList, HookView } from '@pulser/contracts';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { api } from '../../api/client.js';
import { ThingDialog } from '../../things/thing-dialog.js';
import { ThingPage } from '../../things/thing-page.js';
import { CodeBlock } from '../../ui/code-block.js';
import { JsonView } from '../../ui/json-view.js';
import { Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Badge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
import type { Column } from '../../ui/virtual-table.js';
import { HookDialog } from './hook-dialog.js';
import { causeText, refusalTexts } from './hook-form.policy.js';
import { HookFirings } from './hook-firings.js';
import type { HooksSearch } from './hooks-route.js';

const HookState = ({ hook: { enabled, last, refused } }: { readonly hook: HookView }) => {
  if (!enabled) return <Badge tone="idle">disabled</Badge>;
  if (refused !== null && (last === null || last.at < refused.at))
    return <Badge tone="bad">{refusalTexts[refused.reason]}</Badge>;
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

const list = {
  key: ['hooks'],
  read: async (signal: AbortSignal) => (await api.get<HookList>('/api/v1/hooks', { signal })).hooks,
  everyMs: 5_000,
};

const nameOf = ({ name }: HookView): string => name;

export const HooksPage = () => {
  const { open, create } = useSearch({ from: '/frame/hooks' });
  const navigate = useNavigate();
  const to = (search: HooksSearch): void => {
    void navigate({ to: '/hooks', search, replace: true });
  };
  const close = (): void => {
    to({});
  };
  return (
    <ThingPage<HookView>
      title="Hooks"
      noun="hook"
      icon="bolt"
      intro="Tasks that are submitted when something happens: a signed request comes, a task fails, a dataset has a new version."
      {...{ columns, list, open }}
      idOf={nameOf}
      onOpen={({ name }) => {
        to({ open: name });
      }}
      add={{
        ...{ least: 'admin', label: 'New hook', command },
        ...{ how: 'Create one here.', who: 'Administrators create them.' },
        run: () => {
          to({ create: true });
        },
      }}
    >
      {({ chosen, mayWrite, refresh }) => (
        <>
          {create === true && mayWrite && (
            <HookDialog
              onDone={({ name }) => {
                toast.done(`${name} is there`);
                refresh();
                to({ open: name });
              }}
              onClose={close}
            />
          )}
          {chosen !== undefined && (
            <OpenHook key={chosen.name} hook={chosen} mayWrite={mayWrite} onChanged={refresh} onClose={close} />
          )}
        </>
      )}
    </ThingPage>
  );
};

interface OpenHookProps {
  readonly hook: HookView;
  readonly mayWrite: boolean;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

const OpenHook = ({ hook, mayWrite, onChanged, onClose }: OpenHookProps) => (
  <ThingDialog
    name={hook.name}
    noun="hook"
    path={`/api/v1/hooks/${encodeURIComponent(hook.name)}`}
    isWide
    verb="Change"
    form={(back) => (
      <HookDialog
        hook={hook}
        onDone={() => {
          toast.done(`${hook.name} is saved`);
          onChanged();
          back();
        }}
        onClose={back}
      />
    )}
    loss="Its address is gone for good: a hook of the same name gets another one. Its tasks go on."
    {...{ mayWrite, onChanged, onClose }}
  >
    <HookFacts hook={hook} />
  </ThingDialog>
);

const HookFacts = ({ hook }: { readonly hook: HookView }) => {
  const { name, on, path, author, task, map } = hook;
  return (
    <>
      <Facts
        facts={[
          { name: 'When', value: causeText(on) },
          { name: 'Last outcome', value: <HookState hook={hook} /> },
          { name: 'Author', value: <span className="mono">{author}</span> },
          { name: 'Changed', value: <RelativeTime at={hook.changed_at} /> },
        ]}
      />
      {path !== null && (
        <section aria-label="Address">
          <h3 className="part-heading">Address of signed requests</h3>
          <CodeBlock label="Address" code={location.origin + path} />
        </section>
      )}
      <HookFirings name={name} />
      <section aria-label="What it submits">
        <h3 className="part-heading">What it submits</h3>
        <JsonView value={{ task, map }} label="Task" />
      </section>
    </>
  );
};
