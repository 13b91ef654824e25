// One call: who made it, with what, and what became of it.
import type { ToolCallView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { PlaceLink } from '../../app/place-link.js';
import { FlagBadge, OutcomeBadge } from '../../mcp/badges.js';
import { outcomeText } from '../../mcp/tool-words.policy.js';
import { useMay } from '../../session/session.js';
import { AgentName } from '../../ui/agent.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { type Fact, Facts } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { duration } from '../../ui/time.policy.js';
import { callQuery } from './call-queries.js';

interface CallDialogProps {
  readonly callId: string;
  readonly onClose: () => void;
}

export const CallDialog = ({ callId, onClose }: CallDialogProps) => {
  const { data, error, refetch } = useQuery(callQuery(callId));
  return (
    <Dialog title={data?.tool ?? 'Call of a tool'} isOpen isWide onClose={onClose}>
      {data === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Call call={data} />
      )}
    </Dialog>
  );
};

const toneOf = ({ outcome }: ToolCallView): 'ok' | 'info' | 'bad' =>
  outcome === 'done' ? 'ok' : outcome === 'pending' ? 'info' : 'bad';

const Call = ({ call }: { readonly call: ToolCallView }) => {
  const mayCall = useMay('operator');
  return (
    <div className="stack">
      {call.outcome !== 'done' && (
        <Note kind={toneOf(call)} icon="info">
          <strong>{call.message ?? 'Nothing more is known of it.'}</strong>
          <p>{outcomeText(call.outcome)}</p>
        </Note>
      )}
      <Facts facts={factsOf(call, mayCall)} />
      <section aria-label="Arguments">
        <h3 className="part-heading">Arguments</h3>
        <JsonView value={call.arguments} label="Arguments" maxHeight={320} />
        <p className="muted">Secrets are hidden, long texts are cut.</p>
      </section>
    </div>
  );
};

const factsOf = (call: ToolCallView, mayCall: boolean): readonly Fact[] => [
  { name: 'Outcome', value: <OutcomeBadge outcome={call.outcome} /> },
  { name: 'Begun', value: <RelativeTime at={call.at} /> },
  {
    name: 'Took',
    value: call.duration_ms === null ? 'not known' : <span className="num">{duration(call.duration_ms)}</span>,
  },
  { name: 'By', value: <Caller call={call} /> },
  ...(call.task_id === null
    ? []
    : [
        {
          name: 'Task',
          value: (
            <Link to="/tasks/$taskId" params={{ taskId: call.task_id }} className="mono">
              {call.task_id}
            </Link>
          ),
        },
      ]),
  ...(call.approval_id === null
    ? []
    : [
        {
          name: 'Approval',
          value: (
            <PlaceLink place={`/approvals?show=all&open=${call.approval_id}`} className="mono">
              {call.approval_id}
            </PlaceLink>
          ),
        },
      ]),
  {
    name: 'Tool',
    value:
      mayCall && call.flag !== null ? (
        <Link to="/mcp/tools/$name" params={{ name: call.tool }} className="mono">
          {call.tool}
        </Link>
      ) : (
        <span className="mono">{call.tool}</span>
      ),
  },
  ...(call.flag === null ? [] : [{ name: 'Kind', value: <FlagBadge flag={call.flag} /> }]),
  ...(call.server === null
    ? []
    : [
        {
          name: 'Server',
          value: (
            <Link to="/mcp/servers/$name" params={{ name: call.server }}>
              {call.server}
            </Link>
          ),
        },
      ]),
  { name: 'SHA-256', value: <code className="mcp-name">{call.arguments_hash}</code> },
];

const Caller = ({ call: { agent, principal, principal_name: name } }: { readonly call: ToolCallView }) => {
  if (agent !== null) return <AgentName agent={agent} />;
  return (
    <>
      {name ?? 'a person'} <span className="mono muted mcp-name">{principal}</span>
    </>
  );
};
