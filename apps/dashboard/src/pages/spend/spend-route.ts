import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf } from '../../app/search.policy.js';

export const spendDays = ['7', '30', '90'] as const;
export type SpendDays = (typeof spendDays)[number];

export const spendBys = ['agent', 'model'] as const;
export type SpendBy = (typeof spendBys)[number];

export interface SpendSearch {
  /** 30 without. */
  readonly days?: SpendDays;
  /** Agents without. */
  readonly by?: SpendBy;
}

export const spendRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/spend',
  staticData: { title: 'Spend', nav: { icon: 'graph', group: 'work', order: 60, key: 'b' } },
  validateSearch: (search: Record<string, unknown>): SpendSearch => {
    const days = oneOf(search['days'], spendDays);
    const by = oneOf(search['by'], spendBys);
    return { ...(days !== undefined && { days }), ...(by !== undefined && { by }) };
  },
  component: lazyRouteComponent(() => import('./spend-page.js'), 'SpendPage'),
});
