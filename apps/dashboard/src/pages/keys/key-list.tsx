// The keys of a tenant, for its administrators.
import type { KeyView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type CSSProperties, useState } from 'react';

import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useCaller } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { Choice } from '../../ui/fields.js';
import { counted } from '../../ui/numbers.policy.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { CreateKeyDialog } from './create-key.js';
import { KeyDialog } from './key-dialog.js';
import { keyStates, submitsText } from './key-choices.js';
import { keysQuery } from './keys-queries.js';
import type { KeysSearch, ShownKeys } from './keys-route.js';

const columns: readonly Column<KeyView>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(110px, 2fr)',
    cell: ({ name }) => <span className="key-name truncate">{name}</span>,
  },
  {
    id: 'prefix',
    title: 'Begins with',
    width: 'minmax(110px, 1fr)',
    from: 640,
    cell: ({ prefix }) => <span className="mono truncate">{prefix}…</span>,
  },
  { id: 'role', title: 'Role', width: '76px', from: 420, cell: ({ role }) => role },
  {
    id: 'types',
    title: 'May submit',
    width: 'minmax(100px, 1.4fr)',
    from: 860,
    cell: (key) => <span className="truncate">{submitsText(key, 'every type')}</span>,
  },
  {
    id: 'created',
    title: 'Created',
    width: '88px',
    from: 980,
    cell: ({ created_at }) => <RelativeTime at={created_at} isQuiet />,
  },
  {
    id: 'used',
    title: 'Last used',
    width: '88px',
    from: 520,
    cell: ({ last_used_at: at }) =>
      at === null ? <span className="muted">never</span> : <RelativeTime at={at} isQuiet />,
  },
  {
    id: 'expires',
    title: 'Ends',
    width: '88px',
    from: 760,
    cell: ({ expires_at: at }) =>
      at === null ? <span className="muted">never</span> : <RelativeTime at={at} isQuiet />,
  },
  {
    id: 'state',
    title: 'State',
    width: '92px',
    cell: ({ state }) => (
      <Badge tone={keyStates[state].tone} icon={keyStates[state].icon}>
        {keyStates[state].text}
      </Badge>
    ),
  },
];

interface KeyListProps {
  readonly search: KeysSearch;
  readonly onSearch: (next: KeysSearch) => void;
}

export const KeyList = ({ search, onSearch }: KeyListProps) => {
  const { state = 'active', open } = search;
  const { data, error, refetch } = useQuery(keysQuery);
  const caller = useCaller();
  const client = useQueryClient();
  const [isCreating, setCreating] = useState(false);
  const create = (): void => {
    setCreating(true);
  };
  useKeys('Keys', [{ keys: 'c', label: 'Create a key', run: create }]);
  useCommands('Keys', [{ id: 'create', title: 'Create a key', icon: 'plus', run: create }]);
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: keysQuery.queryKey });
  };
  const rows = data?.filter((key) => state === 'all' || key.state === 'active') ?? [];
  const chosen = data?.find(({ key_id }) => key_id === open);
  return (
    <div className="keys">
      <div className="list-bar">
        <Choice<ShownKeys>
          label="Which keys"
          value={state}
          onChange={(next) => {
            onSearch({ tab: 'keys', state: next });
          }}
          options={[
            { id: 'active', text: 'Active' },
            { id: 'all', text: 'Ended too' },
          ]}
        />
        {data !== undefined && <span className="muted num">{counted(rows.length, 'key')}</span>}
        <span className="keys-space" />
        <ExportMenu path="/api/v1/keys" />
        <Button kind="primary" icon="plus" onPress={create}>
          Create a key
        </Button>
      </div>
      {data === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : rows.length === 0 ? (
        <EmptyState
          icon="keys"
          title="No key is active"
          command={`npm run --silent pulser -- keys create --tenant ${caller?.tenant ?? 'dev'} --name first --role admin`}
        >
          Who works with a login of the identity provider can create one here. From a shell of the machine:
        </EmptyState>
      ) : (
        <div className="panel keys-panel" style={{ '--rows': rows.length } as CSSProperties}>
          <VirtualTable
            label="Keys"
            rows={rows}
            columns={columns}
            idOf={({ key_id }) => key_id}
            currentId={open}
            onOpen={({ key_id }) => {
              onSearch({ ...search, tab: 'keys', open: key_id });
            }}
          />
        </div>
      )}
      <p className="muted">
        A key that ended more than 30 days ago is not listed any more; the audit trail keeps what it did.
      </p>
      {open !== undefined && data !== undefined && chosen === undefined && (
        <Note kind="warn">The key of the address is not listed. It may have ended more than 30 days ago.</Note>
      )}
      {isCreating && (
        <CreateKeyDialog
          onMade={refresh}
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
      {chosen !== undefined && (
        <KeyDialog
          key={chosen.key_id}
          shown={chosen}
          onChanged={refresh}
          onClose={() => {
            onSearch({ tab: 'keys', ...(state === 'all' && { state }) });
          }}
        />
      )}
    </div>
  );
};
