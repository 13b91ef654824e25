import './dead-letter.css';

import type { DeadLetterView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { AgentName } from '../../ui/agent.js';
import { Button } from '../../ui/button.js';
import { CodeBlock } from '../../ui/code-block.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge, StatusBadge } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';
import { stateLooks, stateTexts } from '../dead-letters/dead-letter-states.js';
import { Replay } from './replay-form.js';
import { useReopen } from './use-reopen.js';

export const DeadLetterPage = () => {
  const { deadLetterId: id } = useParams({ from: '/frame/dead-letters/$deadLetterId' });
  const { data, error, refetch } = useQuery({
    queryKey: ['dead-letter', id],
    queryFn: ({ signal }) => api.get<DeadLetterView>(`/api/v1/dead-letters/${encodeURIComponent(id)}`, { signal }),
    meta: { liveEveryMs: 2_000, shows: ['dead-letters', 'tasks'] as const },
  });
  if (data !== undefined) return <Shown letter={data} />;
  if (error !== null && isApiError(error, 'not_found')) {
    return (
      <Page title="Dead letter">
        <EmptyState icon="search" title="There is no such dead letter">
          It may be past the time for which it is kept.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Dead letter">
      {error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Page>
  );
};

const Shown = ({ letter }: { readonly letter: DeadLetterView }) => {
  const isOperator = useMay('operator');
  const mayAct = isOperator && letter.state === 'open';
  const mayReopen = isOperator && letter.state === 'discarded';
  const { pending, reopen } = useReopen();
  const reopenThis = (): void => {
    void reopen(letter.dead_letter_id);
  };
  useKeys('Dead letter', mayReopen ? [{ keys: 'shift+o', label: 'Open it again', run: reopenThis }] : []);
  useCommands(
    'Dead letter',
    mayReopen ? [{ id: 'reopen', title: 'Open this dead letter again', icon: 'replay', run: reopenThis }] : [],
  );
  return (
    <Page
      title={letter.reason}
      aside={<Badge {...stateLooks[letter.state]}>{stateTexts[letter.state]}</Badge>}
      intro={letter.error?.message}
      actions={
        mayReopen ? (
          <Button icon="replay" isPending={pending !== undefined} onPress={reopenThis}>
            Open it again
          </Button>
        ) : undefined
      }
    >
      <div className="split">
        {letter.payload === null ? <Message letter={letter} /> : <Replay letter={letter} mayAct={mayAct} />}
        <Panel title="Facts">
          <LetterFacts letter={letter} />
        </Panel>
      </div>
      {letter.attempts.length > 0 && <Attempts letter={letter} />}
      {letter.replays.map((replay) => (
        <Panel key={replay.task_id} title="Replayed">
          <p className="cluster">
            <PlaceLink place={`/tasks/${replay.task_id}`} className="mono">
              {replay.task_id}
            </PlaceLink>
            {replay.status !== null && <StatusBadge status={replay.status} />}
            <RelativeTime at={replay.replayed_at} />
            <span className="muted">{replay.replayed_by}</span>
          </p>
          {Object.keys(replay.edits).length > 0 && <JsonView value={replay.edits} label="What was changed" />}
        </Panel>
      ))}
    </Page>
  );
};

const LetterFacts = ({ letter }: { readonly letter: DeadLetterView }) => (
  <Facts
    facts={[
      ...(letter.task_id === null
        ? []
        : [
            {
              name: 'Task',
              value: (
                <PlaceLink place={`/tasks/${letter.task_id}`} className="mono">
                  {letter.task_id}
                </PlaceLink>
              ),
            },
          ]),
      ...(letter.agent === null ? [] : [{ name: 'Agent', value: <AgentName agent={letter.agent} /> }]),
      ...(letter.task_type === null ? [] : [{ name: 'Type', value: letter.task_type }]),
      {
        name: 'Same cause',
        value: <PlaceLink place={`/dead-letters?fingerprint=${letter.fingerprint}`}>Look at them</PlaceLink>,
      },
      { name: 'Since', value: <RelativeTime at={letter.created_at} /> },
      ...(letter.settled_at === null ? [] : [{ name: 'Settled', value: <RelativeTime at={letter.settled_at} /> }]),
      ...(letter.settled_by === null ? [] : [{ name: 'By', value: letter.settled_by }]),
      ...(letter.discard_reason === null ? [] : [{ name: 'Why discarded', value: letter.discard_reason }]),
    ]}
  />
);

const Attempts = ({ letter }: { readonly letter: DeadLetterView }) => (
  <Panel title="Attempts" isFlush>
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Attempt</th>
          <th scope="col">Started</th>
          <th scope="col" className="right">
            Ran
          </th>
          <th scope="col">Error</th>
        </tr>
      </thead>
      <tbody>
        {letter.attempts.map(({ attempt, started_at, duration_ms, error }) => (
          <tr key={attempt}>
            <td className="num">{attempt}</td>
            <td>
              <RelativeTime at={started_at} />
            </td>
            <td className="right num">{duration(duration_ms)}</td>
            <td>
              {error !== null && (
                <>
                  <code>{error.code}</code> {error.message}
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Panel>
);

/** A message that became no task, as it came. */
const Message = ({ letter: { message } }: { readonly letter: DeadLetterView }) =>
  message === null ? (
    <Panel title="Task">
      <EmptyState icon="info" title="The task is not kept any more" />
    </Panel>
  ) : (
    <Panel title="Message">
      <div className="replay">
        {message.detail !== null && <Note kind="warn">{message.detail}</Note>}
        <CodeBlock label="Body" code={message.body_text ?? message.body_base64} />
        <JsonView label="Headers" value={message.headers} maxHeight={200} />
      </div>
    </Panel>
  );
