import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { rootRoute } from '../app/root-route.js';
import { textOf } from '../app/search.policy.js';
import { returnPath } from './return.policy.js';

interface LoginSearch {
  /** Where to go on, in the page. */
  readonly back?: string | undefined;
  /** Why the login at the identity provider led back here, as the API says it. */
  readonly failed?: string | undefined;
}

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): LoginSearch => {
    const back = returnPath(search['back']);
    // Both are named, also as undefined: what is left out stays as the address has it.
    return { back: back === '/' ? undefined : back, failed: textOf(search['failed'], 20) };
  },
  staticData: { title: 'Log in' },
  component: lazyRouteComponent(() => import('./login-page.js'), 'LoginPage'),
});
