import type { QuotasView } from '@pulser/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { ErrorState } from '../../ui/error-state.js';
import { count, percent } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';

const quotasQuery = queryOptions({
  queryKey: ['quotas'],
  queryFn: ({ signal }) => api.get<QuotasView>('/api/v1/quotas', { signal }),
  refetchInterval: 30_000,
});

interface Limit {
  readonly name: string;
  readonly used: number;
  readonly most: number;
}

/** Every limit with what is used of it now. A rate is used as far as its bucket is empty. */
const limitsOf = ({ waiting, today, requests: { key, tenant } }: QuotasView): readonly Limit[] => [
  { name: 'Tasks that wait', used: waiting.used, most: waiting.quota },
  { name: 'Tasks of today', used: today.used, most: today.quota },
  { name: `Requests of your key, ${count(key.per_s)} a second`, used: key.burst - key.left, most: key.burst },
  {
    name: `Requests of the tenant, ${count(tenant.per_s)} a second`,
    used: tenant.burst - tenant.left,
    most: tenant.burst,
  },
];

const LimitTable = ({ quotas }: { readonly quotas: QuotasView }) => (
  <div className="limits-scroll" role="region" aria-label="Use of each limit" tabIndex={0}>
    <table className="limits">
      <thead>
        <tr>
          <th scope="col">Limit</th>
          <th scope="col" className="right">
            Used
          </th>
          <th scope="col" className="right">
            Of
          </th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {limitsOf(quotas).map(({ name, used, most }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="right num">{count(used)}</td>
            <td className="right num">{count(most)}</td>
            <td>
              <meter value={used} max={most} high={most * 0.8} optimum={0} aria-label={name} />{' '}
              <span className="num muted">{percent(used / most)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** What the tenant, and the caller, have used of their limits. */
export const LimitsPanel = () => {
  const { data, error, refetch } = useQuery(quotasQuery);
  return (
    <Panel title="Limits">
      <div className="setting">
        <p className="muted">
          Who runs Pulser sets them. A submission beyond them is refused with 429 and says when to come again.
          {data !== undefined && (
            <>
              {' '}
              The day ends <RelativeTime at={data.today.ends_at} />.
            </>
          )}
        </p>
        {data !== undefined ? (
          <LimitTable quotas={data} />
        ) : error === null ? (
          <Skeleton width="100%" height="120px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </div>
    </Panel>
  );
};
