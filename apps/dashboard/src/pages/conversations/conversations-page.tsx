import type { ConversationList, ConversationView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { pagesOf } from '../../api/pages.js';
import { AgentName } from '../../ui/agent.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { count } from '../../ui/numbers.policy.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';

const columns: readonly Column<ConversationView>[] = [
  {
    id: 'id',
    title: 'Conversation',
    width: 'minmax(110px, 1fr)',
    cell: ({ conversation_id: id }) => <span className="mono truncate">{id}</span>,
  },
  {
    id: 'question',
    title: 'Last question',
    width: 'minmax(120px, 3fr)',
    from: 520,
    cell: ({ question }) => <span className="truncate">{question}</span>,
  },
  { id: 'agent', title: 'Agent', width: '130px', from: 700, cell: ({ agent }) => <AgentName agent={agent} /> },
  {
    id: 'questions',
    title: 'Questions',
    width: '84px',
    isRight: true,
    from: 860,
    cell: ({ questions }) => <span className="num">{count(questions)}</span>,
  },
  {
    id: 'at',
    title: 'Answered',
    width: '88px',
    isRight: true,
    cell: ({ asked_at: at }) => <RelativeTime at={at} isQuiet />,
  },
];

const command = `curl -sS ${location.origin}/api/v1/tasks -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{"task_type": "analytics", "payload": {"operation": "ask",
  "question": "What sold best in May?", "conversation_id": "support:7"}}'`;

export const ConversationsPage = () => {
  const navigate = useNavigate();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...pagesOf<ConversationList>({ key: ['conversations'], path: '/api/v1/conversations' }),
    meta: { liveEveryMs: 3_000 },
  });
  const rows = data?.pages.flatMap(({ conversations }) => conversations);
  return (
    <Page
      title="Conversations"
      intro="What agents were asked one question after the other, and what they answered."
      isFull={rows !== undefined && rows.length > 0}
    >
      {rows === undefined && error === null && <Skeleton height="240px" />}
      {rows === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {rows?.length === 0 && (
        <EmptyState icon="talk" title="No conversation yet" command={command}>
          An ask with a conversation_id begins one, and goes on with it.
        </EmptyState>
      )}
      {rows !== undefined && rows.length > 0 && (
        <div className="list-panel">
          <VirtualTable
            label="Conversations"
            rows={rows}
            columns={columns}
            idOf={({ conversation_id: id }) => id}
            onOpen={({ conversation_id: id }) => {
              void navigate({ to: '/conversations/$conversationId', params: { conversationId: id } });
            }}
            isLoading={isFetchingNextPage}
            {...(hasNextPage && { onEnd: () => void fetchNextPage() })}
          />
        </div>
      )}
    </Page>
  );
};
