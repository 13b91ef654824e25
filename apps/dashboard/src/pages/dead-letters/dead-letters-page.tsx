import './dead-letters.css';

import type { DeadLetterGroup, DeadLetterGroups, DeadLetterPage, DeadLetterSummary } from '@pulser/contracts';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import { api, urlOf } from '../../api/client.js';
import { pagesOf } from '../../api/pages.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useMay } from '../../session/session.js';
import { AgentName } from '../../ui/agent.js';
import { Button } from '../../ui/button.js';
import { Chips } from '../../ui/chips.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { Choice } from '../../ui/fields.js';
import { count } from '../../ui/numbers.policy.js';
import { Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { type Reopening, useReopen } from '../dead-letter/use-reopen.js';
import { stateLooks, stateTexts } from './dead-letter-states.js';
import { type DeadLetterSearch, type ShownState, shownStates } from './dead-letters-route.js';
import { SettleMany, type Settling } from './settle-many.js';

const path = '/api/v1/dead-letters';

const filterNames = { agent: 'agent', task_type: 'type', reason: 'reason', fingerprint: 'cause' } as const;

export const DeadLettersPage = () => {
  const search = useSearch({ from: '/frame/dead-letters' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayAct = useMay('operator');
  const [settling, setSettling] = useState<Settling>();
  const { state = 'open', ...filter } = search;
  const goTo = (next: DeadLetterSearch): void => {
    void navigate({ to: '/dead-letters', search: next });
  };
  const settle = (action: Settling['action'], group?: DeadLetterGroup): void => {
    if (!mayAct || state !== 'open') return;
    const one = group === undefined ? filter : { ...filter, fingerprint: group.fingerprint };
    setSettling({ action, filter: one, count: group?.count });
  };
  const exported = (format: string): string => urlOf(path, { ...filter, state, format });
  useKeys('Dead letters', [
    {
      keys: 'shift+r',
      label: 'Replay all that are shown',
      run: () => {
        settle('replay');
      },
    },
    {
      keys: 'shift+d',
      label: 'Discard all that are shown',
      run: () => {
        settle('discard');
      },
    },
  ]);
  useCommands('Dead letters', [
    {
      id: 'csv',
      title: 'Export the dead letters as CSV',
      icon: 'download',
      run: () => {
        location.assign(exported('csv'));
      },
    },
  ]);
  const chips = Object.entries(filterNames).flatMap(([id, name]) => {
    const value = filter[id as keyof typeof filterNames];
    return value === undefined ? [] : [{ id, name, value }];
  });
  return (
    <Page
      title="Dead letters"
      intro="Tasks that used up their attempts, and messages that became no task. They are kept until somebody replays or discards them."
      isFull={filter.fingerprint !== undefined}
      actions={
        mayAct && state === 'open' ? (
          <>
            <Button
              icon="trash"
              onPress={() => {
                settle('discard');
              }}
            >
              Discard all
            </Button>
            <Button
              icon="replay"
              onPress={() => {
                settle('replay');
              }}
            >
              Replay all
            </Button>
          </>
        ) : undefined
      }
    >
      <div className="list-bar">
        <Choice<ShownState>
          label="State"
          value={state}
          onChange={(next) => {
            goTo({ ...filter, state: next });
          }}
          options={shownStates.map((id) => ({ id, text: stateTexts[id] }))}
        />
        <Chips
          chips={chips}
          onRemove={({ id }) => {
            goTo({ ...search, [id]: undefined });
          }}
          onClear={() => {
            goTo({ state });
          }}
        />
      </div>
      {filter.fingerprint === undefined ? (
        <Groups search={search} mayAct={mayAct && state === 'open'} onSettle={settle} onOpen={goTo} />
      ) : (
        <Letters search={search} mayReopen={mayAct && (state === 'discarded' || state === 'all')} />
      )}
      {settling !== undefined && (
        <SettleMany
          settling={settling}
          onClose={() => {
            setSettling(undefined);
            void client.invalidateQueries({ queryKey: ['dead-letters'] });
          }}
        />
      )}
    </Page>
  );
};

interface GroupsProps {
  readonly search: DeadLetterSearch;
  readonly mayAct: boolean;
  readonly onSettle: (action: Settling['action'], group: DeadLetterGroup) => void;
  readonly onOpen: (next: DeadLetterSearch) => void;
}

/** Dead letters by their cause: the error without its numbers, ids and names. */
const Groups = ({ search, mayAct, onSettle, onOpen }: GroupsProps) => {
  const { data, error, refetch } = useQuery({
    queryKey: ['dead-letters', 'groups', search],
    queryFn: ({ signal }) =>
      api.get<DeadLetterGroups>(`${path}/groups`, { query: { state: 'open', ...search, limit: 100 }, signal }),
    meta: { liveEveryMs: 2_000, shows: ['dead-letters', 'tasks'] as const },
    refetchInterval: 15_000,
  });
  if (data === undefined) {
    return error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  if (data.groups.length === 0) {
    return (
      <EmptyState icon="success" title="Nothing here">
        {search.state === undefined ? 'No task has failed for good without being looked after.' : 'None in this state.'}
      </EmptyState>
    );
  }
  return (
    <div className="letter-groups">
      {data.groups.map((group) => (
        <Panel
          key={group.fingerprint}
          title={group.reason}
          aside={
            <Badge tone="bad" icon="deadLetters">
              {count(group.count)}
            </Badge>
          }
        >
          <div className="stack">
            <p className="letter-sample">{group.sample ?? 'Without a message'}</p>
            <p className="cluster">
              {group.agents.map((agent) => (
                <AgentName key={agent} agent={agent} />
              ))}
              <span className="muted">{group.task_types.join(', ')}</span>
              <span className="muted">
                first <RelativeTime at={group.first_at} />, last <RelativeTime at={group.last_at} />
              </span>
            </p>
            <div className="cluster">
              <Button
                size="s"
                icon="arrow"
                onPress={() => {
                  onOpen({ ...search, fingerprint: group.fingerprint });
                }}
              >
                Look at them
              </Button>
              {mayAct && (
                <>
                  <Button
                    size="s"
                    icon="replay"
                    onPress={() => {
                      onSettle('replay', group);
                    }}
                  >
                    {`Replay ${count(group.count)}`}
                  </Button>
                  <Button
                    size="s"
                    kind="quiet"
                    icon="trash"
                    onPress={() => {
                      onSettle('discard', group);
                    }}
                  >
                    {`Discard ${count(group.count)}`}
                  </Button>
                </>
              )}
            </div>
          </div>
        </Panel>
      ))}
    </div>
  );
};

const reopenColumn = (pending: string | undefined, reopen: Reopening['reopen']): Column<DeadLetterSummary> => ({
  id: 'reopen',
  title: 'Undo',
  width: '112px',
  isRight: true,
  cell: ({ dead_letter_id: id, state }) =>
    state === 'discarded' && (
      <Button size="s" icon="replay" isPending={pending === id} onPress={() => void reopen(id)}>
        Open again
      </Button>
    ),
});

const columns: readonly Column<DeadLetterSummary>[] = [
  { id: 'at', title: 'Since', width: '88px', cell: ({ created_at }) => <RelativeTime at={created_at} isQuiet /> },
  {
    id: 'state',
    title: 'State',
    width: '116px',
    from: 700,
    cell: ({ state }) => <Badge {...stateLooks[state]}>{stateTexts[state]}</Badge>,
  },
  {
    id: 'agent',
    title: 'Agent',
    width: 'minmax(96px, 1fr)',
    from: 560,
    cell: ({ agent }) => (agent === null ? <span className="muted">none</span> : <AgentName agent={agent} />),
  },
  {
    id: 'why',
    title: 'Error',
    width: 'minmax(96px, 4fr)',
    cell: ({ error, reason }) => <span className="truncate">{error?.message ?? reason}</span>,
  },
  {
    id: 'task',
    title: 'Task',
    width: 'minmax(120px, 2fr)',
    from: 820,
    cell: ({ task_id }) => <span className="mono truncate">{task_id ?? 'a message'}</span>,
  },
];

/** The dead letters of one cause, one by one. */
const Letters = ({ search, mayReopen }: { readonly search: DeadLetterSearch; readonly mayReopen: boolean }) => {
  const navigate = useNavigate();
  const { pending, reopen } = useReopen();
  const shown = useMemo(
    () => (mayReopen ? [...columns, reopenColumn(pending, reopen)] : columns),
    [mayReopen, pending, reopen],
  );
  const query = { state: 'open', ...search, limit: 100 };
  const list = useInfiniteQuery({
    ...pagesOf<DeadLetterPage>({ key: ['dead-letters', 'list', search], path, query }),
    meta: { liveEveryMs: 5_000, shows: ['dead-letters'] as const },
  });
  const rows = list.data?.pages.flatMap(({ dead_letters }) => dead_letters) ?? [];
  if (list.error !== null && list.data === undefined) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (list.data !== undefined && rows.length === 0) {
    return <EmptyState icon="success" title="None of this cause is left in this state" />;
  }
  return (
    <div className="list-panel">
      <VirtualTable
        label="Dead letters"
        rows={rows}
        columns={shown}
        idOf={({ dead_letter_id }) => dead_letter_id}
        isLoading={list.isFetching}
        onOpen={({ dead_letter_id }) => {
          void navigate({ to: '/dead-letters/$deadLetterId', params: { deadLetterId: dead_letter_id } });
        }}
        onEnd={() => {
          if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
        }}
      />
    </div>
  );
};
