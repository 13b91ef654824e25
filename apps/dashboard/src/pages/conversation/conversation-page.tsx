import './conversation.css';

import type { ConversationPage as TurnPage, Forgotten, TurnView } from '@pulser/contracts';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';

import { api } from '../../api/client.js';
import { pagesOf } from '../../api/pages.js';
import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { useMay } from '../../session/session.js';
import { AgentName } from '../../ui/agent.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { counted } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';

const Markdown = lazy(() => import('../../ui/markdown.js'));

export const ConversationPage = () => {
  const { conversationId: id } = useParams({ from: '/frame/conversations/$conversationId' });
  const path = `/api/v1/conversations/${encodeURIComponent(id)}`;
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...pagesOf<TurnPage>({ key: ['conversation', id], path }),
    meta: { liveEveryMs: 3_000 },
  });
  const turns = data?.pages.flatMap((page) => page.turns);
  if (turns === undefined && error !== null && isApiError(error, 'not_found'))
    return (
      <Page title={id}>
        <EmptyState icon="search" title="There is no such conversation">
          It was deleted, or it is past the time for which it is kept.
        </EmptyState>
      </Page>
    );
  return (
    <Page title={id} actions={turns !== undefined && <Forget id={id} path={path} />}>
      {turns === undefined && error === null && <Skeleton height="240px" />}
      {turns === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {turns !== undefined && (
        <ol className="turns" aria-label="Questions, the newest first">
          {turns.map((turn) => (
            <Turn key={turn.turn_id} turn={turn} />
          ))}
        </ol>
      )}
      {hasNextPage && (
        <div>
          <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </Page>
  );
};

const Turn = ({ turn }: { readonly turn: TurnView }) => (
  <li className="panel turn">
    <header className="turn-head">
      <AgentName agent={turn.agent} />
      <span className="muted">
        <RelativeTime at={turn.answered_at} isQuiet />
      </span>
      <PlaceLink place={`/tasks/${turn.task_id}`}>
        Its task<span className="visually-hidden">{`: ${turn.question.slice(0, 80)}`}</span>
      </PlaceLink>
    </header>
    <p className="turn-question">{turn.question}</p>
    <Suspense fallback={<Skeleton width="100%" />}>
      <Markdown text={turn.answer} />
    </Suspense>
    {turn.summary !== null && (
      <details className="turn-summary">
        <summary>What stood for the turns before it</summary>
        <p>{turn.summary}</p>
      </details>
    )}
  </li>
);

const Forget = ({ id, path }: { readonly id: string; readonly path: string }) => {
  const mayForget = useMay('operator');
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const forget = async (): Promise<void> => {
    const { forgotten } = await api.delete<Forgotten>(path);
    toast.done(`${counted(forgotten, 'turn')} forgotten`);
    await navigate({ to: '/conversations' });
    client.removeQueries({ queryKey: ['conversation', id] });
    await client.invalidateQueries({ queryKey: ['conversations'] });
  };
  if (!mayForget) return null;
  return (
    <>
      <Button
        icon="trash"
        onPress={() => {
          setAsking(true);
        }}
      >
        Forget
      </Button>
      <Confirm
        isOpen={isAsking}
        title="Forget 1 conversation?"
        verb="Forget 1 conversation"
        isDanger
        onConfirm={forget}
        onClose={() => {
          setAsking(false);
        }}
      >
        Its turns with all agents are gone, and so are their summaries. The tasks that asked keep question and answer
        until their own retention is over.
      </Confirm>
    </>
  );
};
