import '../../mcp/mcp.css';

import type { ToolCallView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';

import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { OutcomeBadge } from '../../mcp/badges.js';
import { outcomeLooks } from '../../mcp/tool-words.policy.js';
import { Button } from '../../ui/button.js';
import { Chips } from '../../ui/chips.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { SearchBox } from '../../ui/fields.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { duration } from '../../ui/time.policy.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { CallDialog } from './call-dialog.js';
import { callsPath, callsQuery } from './call-queries.js';
import {
  type CallSearch,
  callSearchOf,
  chipsOf,
  outcomes,
  queryOf,
  searchWith,
  searchWithout,
} from './call-search.policy.js';

const columns: readonly Column<ToolCallView>[] = [
  { id: 'at', title: 'When', width: '84px', from: 420, cell: ({ at }) => <RelativeTime at={at} isQuiet /> },
  {
    id: 'tool',
    title: 'Tool',
    width: 'minmax(120px, 1.6fr)',
    cell: ({ tool }) => <span className="mono truncate">{tool}</span>,
  },
  {
    id: 'outcome',
    title: 'Outcome',
    width: '136px',
    cell: ({ outcome }) => <OutcomeBadge outcome={outcome} />,
  },
  {
    id: 'who',
    title: 'By',
    width: 'minmax(90px, 1fr)',
    from: 560,
    cell: ({ agent, principal, principal_name: name }) => (
      <span className="truncate" title={principal ?? undefined}>
        {agent ?? name ?? principal}
      </span>
    ),
  },
  {
    id: 'message',
    title: 'Why',
    width: 'minmax(120px, 2fr)',
    from: 900,
    cell: ({ message }) => <span className="muted truncate">{message ?? ''}</span>,
  },
  {
    id: 'took',
    title: 'Took',
    width: '76px',
    isRight: true,
    from: 640,
    cell: ({ duration_ms: ms }) => <span className="num">{ms === null ? '' : duration(ms)}</span>,
  },
];

export const McpCallsPage = () => {
  const search = useSearch({ from: '/frame/mcp/calls' });
  const navigate = useNavigate();
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [isAtTop, setAtTop] = useState(true);
  const list = useInfiniteQuery({
    ...callsQuery(search),
    // New calls stand at the top; who reads further down is left alone.
    refetchInterval: ({ state: { data } }) => (isAtTop && (data?.pages.length ?? 0) <= 1 ? 5_000 : false),
  });
  const rows = useMemo(() => list.data?.pages.flatMap(({ calls }) => calls) ?? [], [list.data]);
  const goTo = (next: CallSearch, isReplaced = false): void => {
    void navigate({ to: '/mcp/calls', search: callSearchOf({ ...next }), replace: isReplaced });
  };
  useKeys('Tool calls', [
    { keys: '/', label: 'Search the calls', run: () => box.current?.focus() },
    { keys: 'r', label: 'Load again', run: () => void list.refetch() },
  ]);
  useCommands('Tool calls', [
    {
      ...{ id: 'lost', title: 'Show calls of which nobody knows what became', icon: 'help' },
      run: () => {
        goTo({ outcome: 'lost' });
      },
    },
  ]);
  const chips = chipsOf(search);
  return (
    <Page
      title="Tool calls"
      intro="Every call of a tool, by tasks, keys and persons: refused and failed ones too."
      isFull
      actions={<ExportMenu path={callsPath} query={queryOf(search)} />}
    >
      <div className="list-bar">
        <SearchBox
          label="Search the calls"
          placeholder="github__repo_get, outcome:timeout, agent:arkie, by:<id of a key>"
          value={typed}
          onChange={setTyped}
          onSubmit={(text) => {
            goTo(searchWith(search, text));
            setTyped('');
          }}
          keys="/"
          inputRef={box}
        />
        <Menu label="Outcomes" trigger={<Button icon="filter">Outcome</Button>}>
          {outcomes.map((outcome) => (
            <MenuItem
              key={outcome}
              onAction={() => {
                goTo({ ...search, outcome });
              }}
            >
              {outcomeLooks[outcome].text}
            </MenuItem>
          ))}
        </Menu>
        <Chips
          chips={chips}
          onRemove={({ id }) => {
            goTo(searchWithout(search, id));
          }}
          onClear={() => {
            goTo({});
          }}
        />
      </div>
      {list.data === undefined ? (
        list.error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        )
      ) : rows.length === 0 ? (
        <Nothing
          isFiltered={chips.length > 0}
          onClear={() => {
            goTo({});
          }}
        />
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Tool calls"
            rows={rows}
            columns={columns}
            idOf={({ call_id: id }) => id}
            currentId={search.open}
            isLoading={list.isFetchingNextPage}
            onAtTop={setAtTop}
            onOpen={({ call_id: id }) => {
              goTo({ ...search, open: id }, true);
            }}
            onEnd={() => {
              if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        </div>
      )}
      {search.open !== undefined && (
        <CallDialog
          key={search.open}
          callId={search.open}
          onClose={() => {
            goTo(searchWithout(search, 'open'), true);
          }}
        />
      )}
    </Page>
  );
};

const command = `curl -sS -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  ${location.origin}/api/v1/mcp/tools/pulser-hub__get_mcp_ecosystem_status/call -d '{"arguments": {}}'`;

const Nothing = ({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) =>
  isFiltered ? (
    <EmptyState
      icon="search"
      title="No call is like this"
      actions={
        <Button icon="close" onPress={onClear}>
          Clear the filters
        </Button>
      }
    >
      Filters take whole names and ids: github__repo_get, github, the id of a task or of a key.
    </EmptyState>
  ) : (
    <EmptyState icon="calls" title="No tool was called yet" command={command}>
      The first call of an agent, a key or a person is the first row. Make one from a shell:
    </EmptyState>
  );
