import type { McpTool } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';

import { useKeys } from '../../app/keyboard.js';
import { FlagBadge } from '../../mcp/badges.js';
import { foundToolsQuery, toolsQuery } from '../../mcp/mcp-queries.js';
import { flagLooks, shortName } from '../../mcp/tool-words.policy.js';
import { Button } from '../../ui/button.js';
import { Chips } from '../../ui/chips.js';
import { Choice } from '../../ui/choice.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { SearchBox } from '../../ui/fields.js';
import { Icon } from '../../ui/icon.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { Page } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { useTypedSearch } from '../datasets/use-typed-search.js';
import { narrowed, toolFlags, type ToolSearch, toolSearchOf } from './tool-search.policy.js';

const columns: readonly Column<McpTool>[] = [
  {
    id: 'name',
    title: 'Tool',
    width: 'minmax(150px, 1.5fr)',
    // The name without the server, which would fill the cell of a phone.
    cell: ({ name }) => (
      <span className="mono truncate" title={name}>
        {shortName(name)}
      </span>
    ),
  },
  {
    id: 'server',
    title: 'Server',
    width: 'minmax(88px, 0.8fr)',
    from: 560,
    cell: ({ server }) => <span className="truncate">{server}</span>,
  },
  {
    id: 'about',
    title: 'What it does',
    width: 'minmax(140px, 2.4fr)',
    from: 760,
    cell: ({ title, description }) => <span className="truncate">{title ?? description}</span>,
  },
  { id: 'flag', title: 'Kind', width: '112px', cell: ({ flag }) => <FlagBadge flag={flag} /> },
  {
    id: 'approval',
    title: 'Approval',
    width: '76px',
    from: 900,
    cell: ({ needs_approval: needs }) =>
      needs ? <Icon name="approvals" size={14} label="Persons approve each call" /> : null,
  },
  {
    id: 'agents',
    title: 'Seen by',
    width: 'minmax(120px, 1.2fr)',
    from: 1_000,
    cell: ({ agents }) => <span className="truncate">{['pulser', ...agents].join(', ')}</span>,
  },
  {
    id: 'ready',
    title: 'Configured',
    width: '88px',
    from: 480,
    cell: ({ not_configured: missing }) =>
      missing === null ? (
        <Icon name="check" size={14} label="It has all that a call needs" />
      ) : (
        <span className="muted" title={missing}>
          not yet
        </span>
      ),
  },
];

const command = `curl -sS -H "Authorization: Bearer $KEY" ${location.origin}/api/v1/mcp/tools`;

type Kind = 'all' | (typeof toolFlags)[number];

const kinds = [{ id: 'all', text: 'All' }, ...toolFlags.map((id) => ({ id, text: flagLooks[id].text }))] as const;

export const McpToolsPage = () => {
  const search = useSearch({ from: '/frame/mcp/tools' });
  const navigate = useNavigate();
  const box = useRef<HTMLInputElement>(null);
  const goTo = (next: ToolSearch, isReplaced = false): void => {
    void navigate({ to: '/mcp/tools', search: toolSearchOf({ ...next }), replace: isReplaced });
  };
  const [typed, type] = useTypedSearch(search.q ?? '', (text) => {
    // It comes a moment after the last letter: what has changed meanwhile stays.
    void navigate({ to: '/mcp/tools', search: (now) => toolSearchOf({ ...now, q: text }), replace: true });
  });
  const all = useQuery(toolsQuery);
  const found = useQuery({ ...foundToolsQuery(search.task ?? ''), enabled: search.task !== undefined });
  const list = search.task === undefined ? all : found;
  const rows = useMemo(() => narrowed(list.data ?? [], { ...search, q: typed }), [list.data, search, typed]);
  const servers = useMemo(() => [...new Set(all.data?.map(({ server }) => server))].sort(), [all.data]);
  const open = (name: string): void => {
    void navigate({ to: '/mcp/tools/$name', params: { name } });
  };
  const find = (text: string): void => {
    if (text.trim() === '') return;
    type('');
    goTo({ ...search, q: '', task: text.trim() });
  };
  useKeys('Tools', [{ keys: '/', label: 'Search the tools', run: () => box.current?.focus() }]);
  return (
    <Page
      title="Tools"
      intro="What agents and you can call on MCP servers. Here stands what you may call; agents have views of their own."
      isFull
    >
      <div className="list-bar">
        <SearchBox
          label="Search the tools"
          placeholder="Words of a name, or what is to be done and Enter"
          value={typed}
          onChange={type}
          onSubmit={find}
          keys="/"
          inputRef={box}
        />
        <Choice<Kind>
          label="Which tools"
          value={search.flag ?? 'all'}
          onChange={(kind) => {
            goTo({ ...search, ...(kind === 'all' ? { flag: undefined } : { flag: kind }) } as ToolSearch, true);
          }}
          options={kinds}
        />
        {servers.length > 1 && (
          <Menu label="Servers" trigger={<Button icon="filter">Server</Button>}>
            {servers.map((server) => (
              <MenuItem
                key={server}
                onAction={() => {
                  goTo({ ...search, server });
                }}
              >
                {server}
              </MenuItem>
            ))}
          </Menu>
        )}
        {typed.trim() !== '' && (
          <Button
            icon="search"
            onPress={() => {
              find(typed);
            }}
          >
            Find what does this
          </Button>
        )}
        <Chips
          chips={chipsOf(search)}
          onRemove={({ id }) => {
            goTo({ ...search, [id]: undefined });
          }}
          onClear={() => {
            type('');
            goTo({});
          }}
        />
      </div>
      <Listed
        list={list}
        rows={rows}
        isFound={search.task !== undefined}
        onOpen={open}
        find={
          typed.trim() === ''
            ? undefined
            : () => {
                find(typed);
              }
        }
      />
    </Page>
  );
};

const chipsOf = ({ server, task }: ToolSearch) => [
  ...(task === undefined ? [] : [{ id: 'task', name: 'does', value: task }]),
  ...(server === undefined ? [] : [{ id: 'server', name: 'server', value: server }]),
];

interface ListedProps {
  readonly list: { readonly data?: unknown; readonly error: unknown; readonly refetch: () => unknown };
  readonly rows: readonly McpTool[];
  /** Found by what is to be done: the best first. */
  readonly isFound: boolean;
  readonly onOpen: (name: string) => void;
  /** Looks for what was typed by its meaning; undefined: nothing was typed. */
  readonly find: (() => void) | undefined;
}

const Listed = ({ list, rows, isFound, onOpen, find }: ListedProps) => {
  if (list.data === undefined)
    return list.error === null ? (
      <Skeleton height="240px" />
    ) : (
      <ErrorState error={list.error} onRetry={() => void list.refetch()} />
    );
  if (rows.length > 0)
    return (
      <div className="list-panel">
        <VirtualTable
          label={isFound ? 'Tools, the best first' : 'Tools'}
          rows={rows}
          columns={columns}
          idOf={({ name }) => name}
          onOpen={({ name }) => {
            onOpen(name);
          }}
        />
      </div>
    );
  return (
    <EmptyState
      icon="tools"
      title="No tool is like this"
      command={command}
      actions={
        find !== undefined && (
          <Button icon="search" onPress={find}>
            Find what does this
          </Button>
        )
      }
    >
      A key sees the tools that only read, unless its tools name others; who logs in at an identity provider, unless the
      setting <code>person-tools</code> names others for the role. Servers that do not run have none. The same from a
      shell:
    </EmptyState>
  );
};
