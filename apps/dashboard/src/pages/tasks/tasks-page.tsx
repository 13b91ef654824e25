import './tasks.css';

import type { TaskPage, TaskSummary } from '@pulser/contracts';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';

import { urlOf } from '../../api/client.js';
import { pagesOf } from '../../api/pages.js';
import { priorities, statuses } from '../../api/task-states.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { Button } from '../../ui/button.js';
import { Chips } from '../../ui/chips.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { SearchBox } from '../../ui/fields.js';
import { Icon } from '../../ui/icon.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { counted } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { statusLooks } from '../../ui/status-badge.js';
import { VirtualTable } from '../../ui/virtual-table.js';
import { FirstTask } from '../submit/first-task.js';
import { BulkBar } from './bulk-bar.js';
import { taskColumns } from './task-columns.js';
import { chipsOf, queryOf, searchWith, searchWithout, type TaskSearch } from './task-search.policy.js';
import { useSubmitter } from './use-submitter.js';
import { useLiveRows } from './use-live-rows.js';

const path = '/api/v1/tasks';

/** Rows a page of the API brings. */
const pageSize = 100;

const idOf = ({ task_id }: TaskSummary): string => task_id;

/** Shares of the list that are asked for most: one press instead of typing. */
const QuickFilters = ({
  search,
  onSearch,
}: {
  readonly search: TaskSearch;
  readonly onSearch: (next: TaskSearch) => void;
}) => (
  <Menu label="Filters" trigger={<Button icon="filter">Filter</Button>}>
    {statuses.map((status) => (
      <MenuItem
        key={status}
        icon={statusLooks[status].icon}
        onAction={() => {
          onSearch(searchWith(search, `status:${status}`));
        }}
      >
        {statusLooks[status].text}
      </MenuItem>
    ))}
    {priorities.map((priority) => (
      <MenuItem
        key={priority}
        icon="sort"
        onAction={() => {
          onSearch(searchWith(search, `priority:${priority}`));
        }}
      >
        {`Priority ${priority}`}
      </MenuItem>
    ))}
  </Menu>
);

const Nothing = ({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) =>
  isFiltered ? (
    <EmptyState
      icon="search"
      title="No task is like this"
      actions={
        <Button icon="close" onPress={onClear}>
          Clear the filters
        </Button>
      }
    >
      The search goes over every task that is kept, not only over those on this page.
    </EmptyState>
  ) : (
    <FirstTask icon="tasks">They appear here as they are submitted.</FirstTask>
  );

export const TasksPage = () => {
  const search = useSearch({ from: '/frame/tasks' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isAtTop, setAtTop] = useState(true);

  const options = useMemo(
    () => pagesOf<TaskPage>({ key: ['tasks', search], path, query: { ...queryOf(search), limit: pageSize } }),
    [search],
  );
  const list = useInfiniteQuery({ ...options, refetchInterval: isAtTop ? 10_000 : false });
  const { rows, fresh, refresh } = useLiveRows({ client, options, data: list.data, search, isLive: isAtTop });

  const goTo = useCallback(
    (next: TaskSearch) => {
      setSelected(new Set());
      void navigate({ to: '/tasks', search: next });
    },
    [navigate],
  );
  const submit = (text: string): void => {
    if (text.trim() === '') return;
    goTo(searchWith(search, text));
    setTyped('');
  };

  useKeys('Tasks', [
    { keys: '/', label: 'Search tasks', run: () => box.current?.focus() },
    { keys: 'r', label: 'Load again', run: refresh },
  ]);
  const exportUrl = (): string => urlOf(path, { ...queryOf(search), format: 'csv' });
  useCommands('Tasks', [
    {
      id: 'failed',
      title: 'Show failed tasks',
      icon: 'failed',
      run: () => {
        goTo({ status: ['failed'] });
      },
    },
    {
      id: 'running',
      title: 'Show running tasks',
      icon: 'running',
      run: () => {
        goTo({ status: ['running'] });
      },
    },
    {
      id: 'csv',
      title: 'Export this list as CSV',
      icon: 'download',
      run: () => {
        location.assign(exportUrl());
      },
    },
  ]);

  const submitter = useSubmitter(search.submitted_by, rows[0]);
  const chips = chipsOf(search).map((chip) => (chip.name === 'by' ? { ...chip, text: submitter } : chip));
  const isPartial = list.data?.pages.at(-1)?.partial === true;
  return (
    <Page title="Tasks" isFull actions={<ExportMenu path={path} query={queryOf(search)} />}>
      <div className="list-bar">
        <SearchBox
          label="Search tasks"
          placeholder="Id, operation, error, label, or status:failed agent:dash"
          value={typed}
          onChange={setTyped}
          onSubmit={submit}
          keys="/"
          inputRef={box}
        />
        <QuickFilters search={search} onSearch={goTo} />
        <Chips
          chips={chips}
          onRemove={(chip) => {
            goTo(searchWithout(search, chip));
          }}
          onClear={() => {
            goTo({});
          }}
        />
        {fresh > 0 && !isAtTop && (
          <Button size="s" icon="refresh" onPress={refresh}>
            {`Show ${counted(fresh, 'new task')}`}
          </Button>
        )}
      </div>
      {list.error !== null && list.data === undefined ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data !== undefined && rows.length === 0 && !isPartial ? (
        <Nothing
          isFiltered={chips.length > 0}
          onClear={() => {
            goTo({});
          }}
        />
      ) : (
        <div className="list-panel">
          <BulkBar
            rows={rows}
            selected={selected}
            search={search}
            hasMore={list.hasNextPage}
            onSelect={setSelected}
            onDone={refresh}
          />
          <VirtualTable
            label="Tasks"
            rows={rows}
            columns={taskColumns}
            idOf={idOf}
            selected={selected}
            onSelect={setSelected}
            onOpen={({ task_id }) => {
              void navigate({ to: '/tasks/$taskId', params: { taskId: task_id } });
            }}
            isLoading={list.isFetching}
            onAtTop={setAtTop}
            onEnd={() => {
              if (list.hasNextPage && !list.isFetchingNextPage && !isPartial) void list.fetchNextPage();
            }}
            footer={
              <ListEnd
                isPending={list.isPending || list.isFetchingNextPage}
                isPartial={isPartial}
                hasMore={list.hasNextPage}
                onMore={() => void list.fetchNextPage()}
              />
            }
          />
        </div>
      )}
    </Page>
  );
};

interface ListEndProps {
  readonly isPending: boolean;
  readonly isPartial: boolean;
  readonly hasMore: boolean;
  readonly onMore: () => void;
}

/** What stands below the last row: more is coming, the search paused, or this is all. */
const ListEnd = ({ isPending, isPartial, hasMore, onMore }: ListEndProps) => {
  if (isPending) {
    return (
      <div className="list-end">
        <Skeleton width="60%" />
      </div>
    );
  }
  if (isPartial && hasMore) {
    return (
      <div className="list-end">
        <Icon name="info" />
        <span>5,000 tasks were looked at. Older ones may match too.</span>
        <Button size="s" onPress={onMore}>
          Search on
        </Button>
      </div>
    );
  }
  return hasMore ? null : <div className="list-end muted">That is all.</div>;
};
