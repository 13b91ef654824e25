import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { rootRoute } from '../../app/root-route.js';
import { textOf } from '../../app/search.policy.js';

interface ConfirmSearch {
  readonly code?: string;
}

/** For receivers, who need no login. A click confirms, not the link: programs that look at links follow them. */
export const confirmRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/confirm',
  validateSearch: (search: Record<string, unknown>): ConfirmSearch => {
    const code = textOf(search['code'], 60);
    return code === undefined ? {} : { code };
  },
  staticData: { title: 'Confirm a destination' },
  component: lazyRouteComponent(() => import('./confirm-page.js'), 'ConfirmPage'),
});
