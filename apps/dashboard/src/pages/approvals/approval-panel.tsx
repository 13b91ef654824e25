// One approval: what exactly is asked for, what differs from the last time, and the decision.
import type { ApprovalDetail, ApprovalStatus } from '@pulser/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useKeys } from '../../app/keyboard.js';
import { PlaceLink } from '../../app/place-link.js';
import { Button } from '../../ui/button.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { JsonView } from '../../ui/json-view.js';
import { Facts, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { toast } from '../../ui/toast.js';
import { approvalQuery, approvalsPath } from './approval-queries.js';
import { approvalLooks, changesOf, neededText, refusalText, subjectText } from './approval-text.policy.js';

export const ApprovalBadge = ({ status }: { readonly status: ApprovalStatus }) => {
  const { tone, icon, text } = approvalLooks[status];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
};

interface ApprovalPanelProps {
  readonly approvalId: string;
  readonly link?: string | undefined;
  readonly onNext: () => void;
}

export const ApprovalPanel = ({ approvalId, link, onNext }: ApprovalPanelProps) => {
  const { data, error, refetch } = useQuery(approvalQuery(approvalId, link));
  if (data === undefined)
    return error === null ? <Skeleton height="320px" /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <div className="stack">
      <Panel title={data.title} aside={<ApprovalBadge status={data.status} />}>
        <div className="stack">
          <ApprovalFacts approval={data} />
          <JsonView label="Arguments" value={data.arguments} maxHeight={280} />
          <Changes approval={data} />
          <Decision approval={data} onNext={onNext} />
        </div>
      </Panel>
      {data.decisions.length > 0 && <Decisions approval={data} />}
    </div>
  );
};

const ApprovalFacts = ({ approval }: { readonly approval: ApprovalDetail }) => (
  <Facts
    facts={[
      {
        name: 'Task',
        value:
          approval.task_id === null ? (
            <>
              None: the caller repeats the call with the approval
              {approval.operation?.includes('__') === true && (
                <>
                  {', '}
                  <PlaceLink place={`/mcp/tools/${approval.operation}?approval=${approval.approval_id}`}>
                    on the page of the tool
                  </PlaceLink>
                </>
              )}
            </>
          ) : (
            <Link to="/tasks/$taskId" params={{ taskId: approval.task_id }} className="mono">
              {approval.task_id}
            </Link>
          ),
      },
      { name: 'For', value: subjectText(approval) },
      { name: 'Approved by', value: neededText(approval) },
      { name: 'Asked', value: <RelativeTime at={approval.asked_at} /> },
      ...(approval.status === 'waiting'
        ? [{ name: 'Counts as denied', value: <RelativeTime at={approval.expires_at} /> }]
        : []),
      { name: 'SHA-256', value: <code className="approval-hash">{approval.hash}</code> },
    ]}
  />
);

const Changes = ({ approval }: { readonly approval: ApprovalDetail }) => {
  const changes = changesOf(approval);
  if (changes === undefined) return <p className="muted">Nothing like it was approved before.</p>;
  if (changes.length === 0) return <p className="muted">The same was approved before.</p>;
  return (
    <table className="plain-table" aria-label="What differs from the last approved one">
      <thead>
        <tr>
          <th>Differs from the last approved one</th>
          <th>Then</th>
          <th>Now</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ place, before, after }) => (
          <tr key={place}>
            <td className="mono">{place}</td>
            <td>{before ?? <span className="muted">not there</span>}</td>
            <td>{after ?? <span className="muted">not there</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const Decision = ({ approval, onNext }: { readonly approval: ApprovalDetail; readonly onNext: () => void }) => {
  const [comment, setComment] = useState('');
  const client = useQueryClient();
  const mayDecide = approval.may_decide;
  const sending = useMutation({
    mutationFn: (verb: 'approve' | 'deny') =>
      api.post<ApprovalDetail>(`${approvalsPath}/${approval.approval_id}/${verb}`, {
        hash: approval.hash,
        ...(comment.trim() !== '' && { comment: comment.trim() }),
      }),
    onSuccess: async ({ status, approved_by: given, needed }) => {
      toast.done(status === 'waiting' ? `${given} of ${needed} have approved it` : approvalLooks[status].text);
      onNext();
      await client.invalidateQueries({ queryKey: ['approvals'] });
    },
  });
  const decide = (verb: 'approve' | 'deny'): void => {
    if (mayDecide && !sending.isPending) sending.mutate(verb);
  };
  const approve = (): void => {
    decide('approve');
  };
  const deny = (): void => {
    decide('deny');
  };
  useKeys('Approval', [
    { keys: 'y', label: 'Approve it', run: approve },
    { keys: 'n', label: 'Deny it', run: deny },
  ]);
  return (
    <>
      {mayDecide ? (
        <div className="approval-actions">
          <TextField label="Comment" value={comment} onChange={setComment} />
          <Button onPress={onNext}>Next</Button>
          <Button icon="close" onPress={deny} isPending={sending.isPending}>
            Deny
          </Button>
          <Button kind="primary" icon="check" onPress={approve} isPending={sending.isPending}>
            Approve
          </Button>
        </div>
      ) : (
        <div className="approval-actions">
          <p className="muted">{refusalText(approval)}</p>
          <Button onPress={onNext}>Next</Button>
        </div>
      )}
      {sending.error !== null && <ErrorNote error={sending.error} />}
    </>
  );
};

const words = { approved: 'approved it', denied: 'denied it', delegated: 'gave the place to' } as const;

const Decisions = ({ approval }: { readonly approval: ApprovalDetail }) => (
  <Panel title="Decisions" isFlush>
    <table className="plain-table">
      <tbody>
        {approval.decisions.map(({ person, name, verdict, comment, delegated_to: to, at }) => (
          <tr key={`${person} ${verdict}`}>
            <td>{name}</td>
            <td>
              {words[verdict]} {to}
            </td>
            <td className="muted">{comment}</td>
            <td>
              <RelativeTime at={at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Panel>
);
