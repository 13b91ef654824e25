// What became of a hook, latest first: its tasks, and why there was none.
import type { FiringPage, FiringView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';

import { pagesOf } from '../../api/pages.js';
import { PlaceLink } from '../../app/place-link.js';
import { Button } from '../../ui/button.js';
import { ErrorState } from '../../ui/error-state.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { WideTable } from '../../ui/wide-table.js';
import { refusalTexts } from './hook-form.policy.js';

export const HookFirings = ({ name }: { readonly name: string }) => {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...pagesOf<FiringPage>({
      key: ['hook-firings', name],
      path: `/api/v1/hooks/${encodeURIComponent(name)}/firings`,
      query: { limit: 20 },
    }),
    refetchInterval: 5_000,
  });
  const firings = data?.pages.flatMap((page) => page.firings);
  return (
    <section aria-label="Firings">
      <h3 className="part-heading">Firings</h3>
      {firings === undefined && error === null && <Skeleton height="80px" />}
      {firings === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {firings?.length === 0 && <p className="muted">None yet.</p>}
      {firings !== undefined && firings.length > 0 && <Firings firings={firings} />}
      {hasNextPage && (
        <Button size="s" isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </section>
  );
};

const Firings = ({ firings }: { readonly firings: readonly FiringView[] }) => (
  <WideTable label="Firings">
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Outcome</th>
          <th scope="col">Task, or why there is none</th>
        </tr>
      </thead>
      <tbody>
        {firings.map(({ at, task_id: taskId, reason, detail }) => (
          <tr key={`${at} ${taskId ?? ''}`}>
            <td>
              <RelativeTime at={at} isQuiet />
            </td>
            <td>
              {reason === null ? (
                <Badge tone="ok" icon="success">
                  fired
                </Badge>
              ) : (
                <Badge tone="bad" icon="failed">
                  {refusalTexts[reason]}
                </Badge>
              )}
            </td>
            <td>
              {taskId === null ? (
                detail
              ) : (
                <PlaceLink place={`/tasks/${taskId}`} className="mono" title={taskId}>
                  {taskId.slice(-12)}
                </PlaceLink>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </WideTable>
);
