// The rows of the task list as they are now: changes that the stream brings are applied to the rows that are shown, and new
// tasks are fetched while the reader is at the top, else counted.
import type { TaskPage, TaskSummary } from '@pulser/contracts';
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { useTaskChanges } from '../../live/use-live.js';
import { changedRow } from './changed-row.policy.js';
import { mayMatch, type TaskSearch } from './task-search.policy.js';

type Pages = InfiniteData<TaskPage>;

/** A refresh reads one page of the API: at most so often while tasks come, in milliseconds. */
const refreshEveryMs = 1_200;

/** Ids that are remembered to count new tasks by. */
const maxCounted = 10_000;

interface LiveRows {
  readonly client: QueryClient;
  readonly options: { readonly queryKey: QueryKey };
  readonly data: Pages | undefined;
  readonly search: TaskSearch;
  /** Whether the list follows: the reader is at its top. */
  readonly isLive: boolean;
}

export const useLiveRows = ({ client, options, data, search, isLive }: LiveRows) => {
  const { queryKey } = options;
  const rows = useMemo((): readonly TaskSummary[] => data?.pages.flatMap(({ tasks }) => tasks) ?? [], [data]);
  const unseen = useRef(new Set<string>());
  const [fresh, setFresh] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const askedAt = useRef(0);

  const refresh = useCallback((): void => {
    unseen.current.clear();
    setFresh(0);
    askedAt.current = Date.now();
    // Only the first page is asked for again: further ones come when they are scrolled to.
    client.setQueryData<Pages>(queryKey, (pages) =>
      pages === undefined ? pages : { pages: pages.pages.slice(0, 1), pageParams: pages.pageParams.slice(0, 1) },
    );
    void client.invalidateQueries({ queryKey, exact: true });
  }, [client, queryKey]);

  const refreshSoon = (): void => {
    if (timer.current !== undefined) return;
    const waitMs = Math.max(50, askedAt.current + refreshEveryMs - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, waitMs);
  };

  // Of another list, or of none: what was to be asked again is not shown any more.
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [refresh],
  );

  useTaskChanges((changes) => {
    const changeOf = new Map(changes.map((change) => [change.task_id, change]));
    const known = new Set(rows.map(({ task_id }) => task_id));
    const touchesRows = changes.some(({ task_id }) => known.has(task_id));
    const added = changes.filter((change) => !known.has(change.task_id) && mayMatch(search, change));
    if (touchesRows) {
      const changed = (row: TaskSummary): TaskSummary => {
        const change = changeOf.get(row.task_id);
        return change === undefined ? row : changedRow(row, change);
      };
      client.setQueryData<Pages>(
        queryKey,
        (data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, tasks: page.tasks.map(changed) })) },
      );
    }
    if (isLive) {
      if (touchesRows || added.length > 0) refreshSoon();
      return;
    }
    for (const { task_id } of added) if (unseen.current.size < maxCounted) unseen.current.add(task_id);
    setFresh(unseen.current.size);
  });

  return { rows, fresh, refresh };
};
