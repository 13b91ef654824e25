import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { textOf } from '../../app/search.policy.js';

export interface DestinationsSearch {
  /** Id of the destination that is open. */
  readonly open?: string;
}

export const destinationsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/destinations',
  staticData: {
    title: 'Destinations',
    nav: { icon: 'bell', group: 'admin', order: 40, key: 'n', least: 'operator', scope: 'both' },
  },
  validateSearch: (search: Record<string, unknown>): DestinationsSearch => {
    const open = textOf(search['open'], 40);
    return open === undefined ? {} : { open };
  },
  component: lazyRouteComponent(() => import('./destinations-page.js'), 'DestinationsPage'),
});
