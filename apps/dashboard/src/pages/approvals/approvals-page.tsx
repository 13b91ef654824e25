import './approvals.css';

import type { ApprovalView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';

import { useKeys } from '../../app/keyboard.js';
import { Choice } from '../../ui/choice.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { ExportMenu } from '../../ui/export-menu.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { ApprovalBadge, ApprovalPanel } from './approval-panel.js';
import { approvalsPath, approvalsQuery } from './approval-queries.js';
import { nextOf, subjectText } from './approval-text.policy.js';
import type { ApprovalsSearch, ShownApprovals } from './approvals-route.js';

const columns: readonly Column<ApprovalView>[] = [
  {
    id: 'title',
    title: 'What is asked for',
    width: 'minmax(140px, 2fr)',
    cell: ({ title }) => <span className="truncate">{title}</span>,
  },
  {
    id: 'subject',
    title: 'By',
    width: 'minmax(110px, 1fr)',
    from: 520,
    cell: (approval) => <span className="mono truncate">{subjectText(approval)}</span>,
  },
  {
    id: 'status',
    title: 'State',
    width: '112px',
    from: 380,
    cell: ({ status }) => <ApprovalBadge status={status} />,
  },
  {
    id: 'asked',
    title: 'Asked',
    width: '84px',
    isRight: true,
    cell: ({ asked_at: at }) => <RelativeTime at={at} isQuiet />,
  },
];

const command = `curl -sS -H "Authorization: Bearer $KEY" '${location.origin}${approvalsPath}?status=waiting'`;

export const ApprovalsPage = () => {
  const search = useSearch({ from: '/frame/approvals' });
  const navigate = useNavigate();
  const show = search.show ?? 'waiting';
  const list = useInfiniteQuery(approvalsQuery(show));
  const rows = useMemo(() => list.data?.pages.flatMap(({ approvals }) => approvals) ?? [], [list.data]);
  const open = search.open ?? rows[0]?.approval_id;
  const goTo = (next: ApprovalsSearch): void => {
    void navigate({ to: '/approvals', search: next, replace: true });
  };
  const next = (): void => {
    const id = nextOf(
      rows.map(({ approval_id: one }) => one),
      open,
    );
    goTo({ ...(search.show !== undefined && { show: search.show }), ...(id !== undefined && { open: id }) });
  };
  useKeys('Approvals', [{ keys: 'l', label: 'Next approval', run: next }]);
  return (
    <Page
      title="Approvals"
      intro="What tasks ask persons for before they go on. Whoever had a part in a request does not decide it."
      actions={<ExportMenu path={approvalsPath} query={show === 'waiting' ? { status: 'waiting' } : {}} />}
    >
      <div className="list-bar">
        <Choice<ShownApprovals>
          label="Which approvals"
          value={show}
          onChange={(wanted) => {
            goTo({ show: wanted });
          }}
          options={[
            { id: 'waiting', text: 'Waiting' },
            { id: 'all', text: 'All' },
          ]}
        />
      </div>
      {list.data === undefined ? (
        list.error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        )
      ) : (
        <div className={rows.length > 0 ? 'approvals' : undefined}>
          {rows.length === 0 ? (
            <EmptyState
              icon="approvals"
              title={show === 'waiting' ? 'Nothing waits for an approval' : 'No approval yet'}
              command={command}
            >
              A step of a workflow or an operation that changes something for good asks here before it runs. The same
              from a shell:
            </EmptyState>
          ) : (
            <div className="panel approval-list">
              <VirtualTable
                label="Approvals"
                rows={rows}
                columns={columns}
                idOf={({ approval_id: id }) => id}
                currentId={open}
                isLoading={list.isFetchingNextPage}
                onOpen={({ approval_id: id }) => {
                  goTo({ ...(search.show !== undefined && { show: search.show }), open: id });
                }}
                onEnd={() => {
                  if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
                }}
              />
            </div>
          )}
          {open !== undefined && <ApprovalPanel key={open} approvalId={open} link={search.link} onNext={next} />}
        </div>
      )}
    </Page>
  );
};
