import './audit.css';

import type { AuditEntryView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';

import { urlOf } from '../../api/client.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useCaller } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Chips } from '../../ui/chips.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { SearchBox } from '../../ui/fields.js';
import { Icon } from '../../ui/icon.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { count } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { EntryDialog, OutcomeBadge } from './audit-entry.js';
import { entriesQuery, trailOf } from './audit-queries.js';
import { type AuditSearch, chipsOf, queryOf, searchWith, searchWithout } from './audit-search.policy.js';
import { useVerdict } from './audit-verdict.js';

const actorIcons = { key: 'keys', person: 'user', system: 'settings' } as const;

const columns: readonly Column<AuditEntryView>[] = [
  { id: 'at', title: 'When', width: '92px', cell: ({ at }) => <RelativeTime at={at} isQuiet /> },
  {
    id: 'who',
    title: 'Who',
    width: 'minmax(96px, 1.2fr)',
    cell: ({ actor }) => (
      <span className="audit-who">
        <Icon name={actorIcons[actor.kind]} size={13} label={actor.kind} />
        <span className="truncate">{actor.name === '' ? actor.kind : actor.name}</span>
      </span>
    ),
  },
  {
    id: 'action',
    title: 'What',
    width: 'minmax(110px, 1fr)',
    cell: ({ action }) => <code className="truncate">{action}</code>,
  },
  {
    id: 'targets',
    title: 'On what',
    width: 'minmax(120px, 2fr)',
    from: 560,
    cell: ({ targets }) => <span className="mono truncate">{targets.join(', ')}</span>,
  },
  {
    id: 'origin',
    title: 'From',
    width: 'minmax(90px, 0.7fr)',
    from: 1_000,
    cell: ({ actor }) => <span className="num truncate">{actor.origin}</span>,
  },
  {
    id: 'outcome',
    title: 'Outcome',
    width: '96px',
    from: 420,
    cell: ({ outcome }) => <OutcomeBadge outcome={outcome} />,
  },
  { id: 'seq', title: 'No.', width: '64px', isRight: true, from: 760, cell: ({ seq }) => count(seq) },
];

export const AuditPage = () => {
  const search = useSearch({ from: '/frame/audit' });
  const navigate = useNavigate();
  const caller = useCaller();
  const trail = trailOf(caller);
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [isAtTop, setAtTop] = useState(true);
  const list = useInfiniteQuery({
    ...entriesQuery(trail, search),
    // New entries stand at the top; who reads further down is left alone.
    refetchInterval: ({ state: { data } }) => (isAtTop && (data?.pages.length ?? 0) <= 1 ? 15_000 : false),
  });
  const rows = useMemo(() => list.data?.pages.flatMap(({ entries }) => entries) ?? [], [list.data]);
  const actions = useMemo(() => [...new Set(rows.map(({ action }) => action))].sort(), [rows]);
  const goTo = (next: AuditSearch, isReplaced = false): void => {
    void navigate({ to: '/audit', search: next, replace: isReplaced });
  };
  const verdict = useVerdict(trail, (entry) => {
    goTo({ entry });
  });
  const submit = (text: string): void => {
    goTo(searchWith(search, text));
    setTyped('');
  };
  useKeys('Audit', [
    { keys: '/', label: 'Search the trail', run: () => box.current?.focus() },
    { keys: 'r', label: 'Load again', run: () => void list.refetch() },
  ]);
  useCommands('Audit', [
    {
      id: 'refused',
      title: 'Show what was refused',
      icon: 'slash',
      run: () => {
        goTo({ action: 'request.refused' });
      },
    },
    {
      id: 'csv',
      title: 'Export the trail as CSV',
      icon: 'download',
      run: () => {
        location.assign(urlOf(trail, { ...queryOf(search), format: 'csv' }));
      },
    },
  ]);
  const chips = chipsOf(search);
  return (
    <Page
      title="Audit"
      intro={
        caller?.tenant === null
          ? 'Who changed what all tenants share. Entries are written by the change itself; nobody can change or remove one through Pulser.'
          : 'Who changed what. Entries are written by the change itself; nobody can change or remove one through Pulser.'
      }
      isFull
      actions={
        <>
          <ExportMenu path={trail} query={queryOf(search)} />
          {verdict.button}
        </>
      }
    >
      {verdict.found}
      <div className="list-bar">
        <SearchBox
          label="Search the trail"
          placeholder="key.created, by:<id of a key or person>, on:<what was changed>"
          value={typed}
          onChange={setTyped}
          onSubmit={submit}
          keys="/"
          inputRef={box}
        />
        {actions.length > 0 && (
          <Menu label="Actions" trigger={<Button icon="filter">Filter</Button>}>
            {actions.map((action) => (
              <MenuItem
                key={action}
                onAction={() => {
                  goTo(searchWith(search, `action:${action}`));
                }}
              >
                {action}
              </MenuItem>
            ))}
          </Menu>
        )}
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
      {list.error !== null && list.data === undefined ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data !== undefined && rows.length === 0 ? (
        <Nothing
          isFiltered={chips.length > 0}
          onClear={() => {
            goTo({});
          }}
        />
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Audit trail"
            rows={rows}
            columns={columns}
            idOf={({ seq }) => String(seq)}
            currentId={search.entry === undefined ? undefined : String(search.entry)}
            isLoading={list.isFetching}
            onAtTop={setAtTop}
            onOpen={({ seq }) => {
              goTo({ ...search, entry: seq });
            }}
            onEnd={() => {
              if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
            }}
            footer={<TrailEnd isPending={list.isPending || list.isFetchingNextPage} hasMore={list.hasNextPage} />}
          />
        </div>
      )}
      {search.entry !== undefined && (
        <EntryDialog
          trail={trail}
          seq={search.entry}
          onGo={(next) => {
            goTo({ ...search, entry: next }, true);
          }}
          onFilter={(text) => {
            goTo(searchWith({}, text));
          }}
          onClose={() => {
            goTo(searchWithout(search, 'entry'), true);
          }}
        />
      )}
    </Page>
  );
};

const TrailEnd = ({ isPending, hasMore }: { readonly isPending: boolean; readonly hasMore: boolean }) => {
  if (isPending) {
    return (
      <div className="audit-end">
        <Skeleton width="60%" />
      </div>
    );
  }
  return hasMore ? null : <div className="audit-end muted">That is all, back to the first entry.</div>;
};

const command = `curl -sS -H "Authorization: Bearer $KEY" ${location.origin}/api/v1/audit`;

const Nothing = ({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) =>
  isFiltered ? (
    <EmptyState
      icon="search"
      title="No entry is like this"
      actions={
        <Button icon="close" onPress={onClear}>
          Clear the filters
        </Button>
      }
    >
      Filters take whole names and ids: an action such as key.created, the id of a key, the sub of a person.
    </EmptyState>
  ) : (
    <EmptyState icon="audit" title="Nothing was changed yet" command={command}>
      The first key, pause or setting that somebody changes is the first entry. The same from a shell:
    </EmptyState>
  );
