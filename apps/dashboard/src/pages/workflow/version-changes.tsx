// What two versions of a workflow differ in.
import type { WorkflowDiff } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { ErrorState } from '../../ui/error-state.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { WideTable } from '../../ui/wide-table.js';
import { changesOf } from './version-changes.policy.js';

interface VersionChangesProps {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

const looks = {
  added: { tone: 'ok', icon: 'plus' },
  removed: { tone: 'bad', icon: 'minus' },
  changed: { tone: 'info', icon: 'edit' },
} as const;

export const VersionChanges = ({ path, from, to }: VersionChangesProps) => {
  const { data, error, refetch } = useQuery({
    queryKey: ['workflow-diff', path, from, to],
    queryFn: ({ signal }) => api.get<WorkflowDiff>(`${path}/diff`, { signal, query: { from, to } }),
    // Versions never change.
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton width="100%" height="80px" />;
  const changes = changesOf(data);
  if (changes.length === 0) return <p className="quiet-line">They are the same.</p>;
  return (
    <WideTable label="Changes">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">What</th>
            <th scope="col">Where</th>
            <th scope="col">Now</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ step, kind, where, now }) => (
            <tr key={`${step ?? ''} ${kind} ${where}`}>
              <th scope="row">{step ?? <span className="muted">the workflow</span>}</th>
              <td>
                <Badge {...looks[kind]}>{kind}</Badge>
              </td>
              <td className="mono">{where}</td>
              <td className="mono version-now">{now}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
};
