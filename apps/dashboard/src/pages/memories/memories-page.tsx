import './memories.css';

import type { MemoryPage } from '@pulser/contracts';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';

import { urlOf } from '../../api/client.js';
import { pagesOf } from '../../api/pages.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Chips } from '../../ui/chips.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { SearchBox } from '../../ui/fields.js';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { VirtualTable } from '../../ui/virtual-table.js';
import { AddMemory } from './add-memory.js';
import { Coverage } from './coverage.js';
import { ForgetChosen, ForgetMany } from './forget-memories.js';
import { columns, hitColumns, type MemoryItem } from './memory-columns.js';
import { hitsQuery, memoriesPath } from './memory-queries.js';
import {
  filtersOf,
  maxHits,
  memoryChipsOf,
  type MemorySearch,
  memorySearchOf,
  memorySearchWith,
  trusts,
} from './memory-search.policy.js';
import { trustTexts } from './trust-badge.js';

const emptyCommand = `curl -sS -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  ${location.origin}${memoriesPath} -d '{"type":"rule","subject":"payments","content":"Maria approves payments above ten thousand euros."}'`;

const idOf = ({ memory_id }: MemoryItem): string => memory_id;

export const MemoriesPage = () => {
  const search = useSearch({ from: '/frame/memory' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('operator');
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asks, setAsks] = useState<'add' | 'forget' | 'forget-many'>();
  const { q } = search;
  const filters = filtersOf(search);

  const list = useInfiniteQuery({
    ...pagesOf<MemoryPage>({
      key: ['memories', 'list', filters],
      path: memoriesPath,
      query: { ...filters, limit: 100 },
    }),
    enabled: q === undefined,
    meta: { liveEveryMs: 15_000 },
  });
  const hits = useQuery({ ...hitsQuery(search, q ?? ''), enabled: q !== undefined });
  const found = q === undefined ? list : hits;
  const rows = useMemo<readonly MemoryItem[]>(
    () => (q === undefined ? (list.data?.pages.flatMap(({ memories }) => memories) ?? []) : (hits.data?.hits ?? [])),
    [q, list.data, hits.data],
  );

  const goTo = (next: MemorySearch): void => {
    setSelected(new Set());
    void navigate({ to: '/memory', search: next });
  };
  const chosen = rows.filter((row) => selected.has(idOf(row)));
  const close = (): void => {
    setAsks(undefined);
  };
  const changed = (): void => {
    setSelected(new Set());
    void client.invalidateQueries({ queryKey: ['memories'] });
  };
  const add = (): void => {
    setAsks('add');
  };
  const forget = (): void => {
    setAsks(chosen.length > 0 ? 'forget' : 'forget-many');
  };
  useKeys('Memory', [
    { keys: '/', label: 'Search memories', run: () => box.current?.focus() },
    ...(mayWrite
      ? [
          { keys: 'c', label: 'Add a memory', run: add },
          { keys: 'shift+d', label: 'Forget the chosen ones, or by subject, type, agent and age', run: forget },
        ]
      : []),
  ]);
  useCommands('Memory', [
    ...(mayWrite
      ? [
          { id: 'add', title: 'Add a memory', icon: 'plus' as const, run: add },
          {
            id: 'forget',
            title: 'Forget memories by subject, type, agent or age',
            icon: 'trash' as const,
            run: () => {
              setAsks('forget-many');
            },
          },
        ]
      : []),
    {
      id: 'csv',
      title: 'Export the memories as CSV',
      icon: 'download',
      run: () => {
        location.assign(urlOf(memoriesPath, { ...filters, format: 'csv' }));
      },
    },
  ]);

  const chips = memoryChipsOf(search);
  const types = [...new Set(rows.map(({ type }) => type))].slice(0, 12);
  return (
    <Page
      title="Memory"
      aside={<Coverage />}
      isFull
      actions={
        <>
          <ExportMenu path={memoriesPath} query={{ ...filters }} />
          {mayWrite && (
            <Button
              icon="trash"
              onPress={() => {
                setAsks('forget-many');
              }}
            >
              Forget
            </Button>
          )}
          {mayWrite && (
            <Button kind="primary" icon="plus" onPress={add}>
              Add
            </Button>
          )}
        </>
      }
    >
      <div className="list-bar">
        <SearchBox
          label="Search memories"
          placeholder="What you want to know, in any words, or type:rule agent:maya subject:payments"
          value={typed}
          onChange={setTyped}
          onSubmit={(text) => {
            if (text.trim() === '') return;
            goTo(memorySearchWith(search, text));
            setTyped('');
          }}
          keys="/"
          inputRef={box}
        />
        <Menu label="Filters" trigger={<Button icon="filter">Filter</Button>}>
          {trusts.map((trust) => (
            <MenuItem
              key={trust}
              icon="success"
              onAction={() => {
                goTo({ ...search, trust });
              }}
            >
              {trustTexts[trust]}
            </MenuItem>
          ))}
          {types.length > 0 && <MenuLine />}
          {types.map((type) => (
            <MenuItem
              key={type}
              icon="filter"
              onAction={() => {
                goTo({ ...search, type });
              }}
            >
              {`Type ${type}`}
            </MenuItem>
          ))}
        </Menu>
        <Chips
          chips={chips}
          onRemove={({ id }) => {
            goTo(memorySearchOf({ ...search, [id]: undefined }));
          }}
          onClear={() => {
            goTo({});
          }}
        />
        {mayWrite && chosen.length > 0 && (
          <Button
            icon="trash"
            onPress={() => {
              setAsks('forget');
            }}
          >
            {`Forget ${count(chosen.length)}`}
          </Button>
        )}
      </div>
      {found.error !== null && found.data === undefined ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data !== undefined && rows.length === 0 ? (
        <Nothing
          isFiltered={chips.length > 0}
          isSearch={q !== undefined}
          onClear={() => {
            goTo({});
          }}
        />
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Memories"
            rows={rows}
            columns={q === undefined ? columns : hitColumns}
            idOf={idOf}
            {...(mayWrite && { selected, onSelect: setSelected })}
            isLoading={found.isFetching}
            onOpen={({ memory_id }) => {
              void navigate({ to: '/memory/$memoryId', params: { memoryId: memory_id } });
            }}
            onEnd={() => {
              if (q === undefined && list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
            }}
            footer={
              <ListEnd
                isPending={found.isPending || (q === undefined && list.isFetchingNextPage)}
                hits={hits.data === undefined || q === undefined ? undefined : hits.data.hits.length}
              />
            }
          />
        </div>
      )}
      {asks === 'add' && <AddMemory filters={filters} onClose={close} onDone={changed} />}
      {asks === 'forget' && <ForgetChosen memories={chosen} onClose={close} onDone={changed} />}
      {asks === 'forget-many' && <ForgetMany filters={filters} onClose={close} onDone={changed} />}
    </Page>
  );
};

/** What stands below the last row. @param props.hits of a search by meaning */
const ListEnd = ({ isPending, hits }: { readonly isPending: boolean; readonly hits: number | undefined }) => {
  if (isPending) {
    return (
      <div className="memory-list-end">
        <Skeleton width="60%" />
      </div>
    );
  }
  if (hits === undefined) return null;
  return (
    <div className="memory-list-end muted">
      {hits < maxHits
        ? `${counted(hits, 'memory', 'memories')}, the nearest in meaning first.`
        : `The ${count(hits)} nearest in meaning. There may be more: narrow it by type, subject or agent.`}
    </div>
  );
};

interface NothingProps {
  readonly isFiltered: boolean;
  readonly isSearch: boolean;
  readonly onClear: () => void;
}

const Nothing = ({ isFiltered, isSearch, onClear }: NothingProps) =>
  isFiltered ? (
    <EmptyState
      icon="search"
      title="No memory is like this"
      actions={
        <Button icon="close" onPress={onClear}>
          Clear the filters
        </Button>
      }
    >
      {isSearch
        ? 'What was noted just now is found by meaning within a minute or so.'
        : 'Filters are exact: a subject is found by all of it.'}
    </EmptyState>
  ) : (
    <EmptyState icon="memory" title="Nothing is remembered yet" command={emptyCommand}>
      Agents note what they learn, and people what agents must know. Add a memory here, or from a shell:
    </EmptyState>
  );
