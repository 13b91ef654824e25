import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';

export const shownStates = ['open', 'resolved', 'all'] as const;
export type ShownState = (typeof shownStates)[number];

export interface IncidentsSearch {
  /** Without: open ones. */
  readonly state?: ShownState;
  /** Id of the incident that is shown. */
  readonly open?: string;
}

export const incidentsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/incidents',
  staticData: {
    title: 'Incidents',
    nav: { icon: 'alert', group: 'work', order: 5, key: 'i', scope: 'installation' },
  },
  validateSearch: (search: Record<string, unknown>): IncidentsSearch => {
    const [state, open] = [oneOf(search['state'], shownStates), textOf(search['open'], 40)];
    return { ...(state !== undefined && state !== 'open' && { state }), ...(open !== undefined && { open }) };
  },
  component: lazyRouteComponent(() => import('./incidents-page.js'), 'IncidentsPage'),
});
