import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';

export const shownApprovals = ['waiting', 'all'] as const;
export type ShownApprovals = (typeof shownApprovals)[number];

export interface ApprovalsSearch {
  /** Without: those that wait. */
  readonly show?: ShownApprovals;
  /** Id of the approval that is open. */
  readonly open?: string;
  /** Signature of the link by which it was opened. */
  readonly link?: string;
}

export const approvalsSearchOf = (search: Readonly<Record<string, unknown>>): ApprovalsSearch => {
  const show = oneOf(search['show'], shownApprovals);
  const open = textOf(search['open'], 40);
  const link = textOf(search['link'], 64);
  return {
    ...(show === 'all' && { show }),
    ...(open !== undefined && { open }),
    ...(open !== undefined && link !== undefined && { link }),
  };
};

export const approvalsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/approvals',
  staticData: { title: 'Approvals', nav: { icon: 'approvals', group: 'work', order: 36, key: 'p' } },
  validateSearch: approvalsSearchOf,
  component: lazyRouteComponent(() => import('./approvals-page.js'), 'ApprovalsPage'),
});
