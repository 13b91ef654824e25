import type { TaskWait, TaskWaitsView, TaskView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { ErrorState } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { waitsQuery } from './task-queries.js';

/** What a wait is for, in words. */
const forWhat = ({ kind, name, children, until }: TaskWait): string => {
  switch (kind) {
    case 'child':
      return 'a child';
    case 'children':
      return `${children.length >= 100 ? '100 or more' : children.length} children`;
    case 'signal':
      return `the signal ${name ?? ''}`;
    case 'time':
      return `the time ${until ?? ''}`;
    case 'run':
      return 'the steps of its workflow';
    case 'approval':
      return 'an approval';
  }
};

const ApprovalLink = ({ approvalId }: { readonly approvalId: string }) => (
  <Link to="/approvals" search={{ show: 'all', open: approvalId }}>
    an approval
  </Link>
);

const WaitRow = ({ wait }: { readonly wait: TaskWait }) => (
  <tr>
    <td className="mono">{wait.key}</td>
    <td>{wait.approval === null ? forWhat(wait) : <ApprovalLink approvalId={wait.approval} />}</td>
    <td>
      <RelativeTime at={wait.asked_at} />
    </td>
    <td>
      {wait.timed_out ? 'its time limit passed' : wait.is_current && 'waits now'}
      {!wait.timed_out && wait.satisfied_at !== null && <RelativeTime at={wait.satisfied_at} />}
    </td>
  </tr>
);

const Signals = ({ signals }: Pick<TaskWaitsView, 'signals'>) => (
  <Panel title="Signals" isFlush>
    <table className="plain-table">
      <tbody>
        {signals.map(({ name, key, sent_by, received_at, taken_by }) => (
          <tr key={`${name} ${key}`}>
            <td className="mono">{name}</td>
            <td>
              <RelativeTime at={received_at} />
            </td>
            <td className="muted">{sent_by}</td>
            <td>{taken_by === null ? 'kept for a wait' : `taken by ${taken_by}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Panel>
);

/** What a task waits for and has waited for, and the signals that came; nothing for one that never did. */
export const WaitsPanel = ({ task }: { readonly task: TaskView }) => {
  const { data, error, refetch } = useQuery(waitsQuery(task));
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined || data.waits.length + data.signals.length === 0) return null;
  const { awaited, open } = data.children;
  return (
    <>
      {data.waits.length > 0 && (
        <Panel title="Waits" isFlush>
          {awaited > 0 && (
            <p className="quiet-line">
              {open} of {awaited} children have not ended.
            </p>
          )}
          <table className="plain-table">
            <tbody>
              {data.waits.map((wait) => (
                <WaitRow key={wait.key} wait={wait} />
              ))}
            </tbody>
          </table>
        </Panel>
      )}
      {data.signals.length > 0 && <Signals signals={data.signals} />}
    </>
  );
};
