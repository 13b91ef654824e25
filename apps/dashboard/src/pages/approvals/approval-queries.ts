import type { ApprovalDetail, ApprovalPage } from '@pulser/contracts';
import { queryOptions } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { pagesOf } from '../../api/pages.js';
import type { ShownApprovals } from './approvals-route.js';

export const approvalsPath = '/api/v1/approvals';

const live = { liveEveryMs: 1_500, shows: ['approvals'] as const };

/** Newest first. */
export const approvalsQuery = (show: ShownApprovals) => ({
  ...pagesOf<ApprovalPage>({
    key: ['approvals', 'list', show],
    path: approvalsPath,
    query: show === 'waiting' ? { status: 'waiting' } : {},
  }),
  meta: live,
});

/** @param link signature of the link by which it was opened */
export const approvalQuery = (approvalId: string, link?: string) =>
  queryOptions({
    queryKey: ['approvals', 'one', approvalId, link],
    queryFn: ({ signal }) =>
      api.get<ApprovalDetail>(`${approvalsPath}/${encodeURIComponent(approvalId)}`, { query: { link }, signal }),
    meta: live,
  });

/** Those that the caller may decide, 100 at most. */
export const decidableQuery = queryOptions({
  queryKey: ['approvals', 'decidable'],
  queryFn: async ({ signal }) => {
    const query = { status: 'waiting', limit: 100 };
    const { approvals } = await api.get<ApprovalPage>(approvalsPath, { query, signal });
    return approvals.filter(({ may_decide: mayDecide }) => mayDecide);
  },
  meta: live,
  refetchInterval: 30_000,
});
