// What became of the times of a schedule, latest first.
import type { FirePage, FireView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { pagesOf } from '../../api/pages.js';
import { Button } from '../../ui/button.js';
import { Choice, type Option } from '../../ui/choice.js';
import { ErrorState } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { WideTable } from '../../ui/wide-table.js';
import { FireState } from '../schedules/schedule-state.js';
import { fireText } from '../schedules/schedule-text.policy.js';
import type { FireChoice } from './schedule-route.js';

const choices: readonly Option<FireChoice>[] = [
  { id: 'all', text: 'All' },
  { id: 'skipped', text: 'Skipped' },
  { id: 'failed', text: 'Failed' },
  { id: 'pending', text: 'Waiting' },
];

export const FireList = ({ name, choice }: { readonly name: string; readonly choice: FireChoice }) => {
  const navigate = useNavigate();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...pagesOf<FirePage>({
      key: ['schedule-fires', name, choice],
      path: `/api/v1/schedules/${encodeURIComponent(name)}/fires`,
      query: { limit: 50, ...(choice !== 'all' && { state: choice }) },
    }),
    refetchInterval: 3_000,
  });
  const fires = data?.pages.flatMap((page) => page.fires);
  return (
    <Panel
      title="Fires"
      aside={
        <Choice
          label="Which fires"
          options={choices}
          value={choice}
          onChange={(next) => {
            const search = next === 'all' ? {} : { fires: next };
            void navigate({ to: '/schedules/$name', params: { name }, search, replace: true });
          }}
        />
      }
      isFlush={fires !== undefined && fires.length > 0}
    >
      {fires === undefined ? (
        error === null ? (
          <Skeleton height="120px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : fires.length === 0 ? (
        <p className="muted">None.</p>
      ) : (
        <WideTable label="Fires">
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Outcome</th>
                <th scope="col">Task</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {fires.map((fire) => (
                <FireRow key={fire.nominal_at} fire={fire} />
              ))}
            </tbody>
          </table>
        </WideTable>
      )}
      {hasNextPage && (
        <p className="quiet-line">
          <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Show older ones
          </Button>
        </p>
      )}
    </Panel>
  );
};

const FireRow = ({ fire }: { readonly fire: FireView }) => (
  <tr>
    <td>
      <RelativeTime at={fire.nominal_at} isQuiet />
    </td>
    <td>
      <FireState state={fire.state} />
    </td>
    <td>
      {fire.task_id === null ? (
        <span className="muted">none</span>
      ) : (
        <Link to="/tasks/$taskId" params={{ taskId: fire.task_id }} className="mono">
          {fire.task_id.slice(-12)}
        </Link>
      )}
    </td>
    <td className="fire-why">{fireText(fire)}</td>
  </tr>
);
