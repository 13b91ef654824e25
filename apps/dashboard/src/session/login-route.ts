import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';

import { rootRoute } from '../app/root-route.js';
import { textOf } from '../app/search.policy.js';
import { codeOf, returnPath } from './return.policy.js';
import { callerQuery, waysQuery } from './session.js';

interface LoginSearch {
  /** Where to go on, in the page. */
  readonly back?: string | undefined;
  /** Why the login at the identity provider led back here, as the API says it. */
  readonly failed?: string | undefined;
  /** Why the session ended that there was before, in a word of `session-end.policy.ts`. */
  readonly ended?: string | undefined;
}

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): LoginSearch => {
    const back = returnPath(search['back']);
    // All are named, also as undefined: what is left out stays as the address has it.
    return {
      back: back === '/' ? undefined : back,
      failed: textOf(search['failed'], 20),
      ended: textOf(search['ended'], 20),
    };
  },
  beforeLoad: async ({ context: { client }, search: { back, failed, ended }, location }) => {
    // What is said to who comes here is read first, and a link logs in as its key, whoever is logged in.
    if (failed !== undefined || ended !== undefined || codeOf(location.hash) !== undefined) return;
    const ways = await client.query({ ...waysQuery, staleTime: 0 }).catch(() => undefined);
    if (ways?.logged_in !== true) return;
    // That nobody is, was true before.
    client.removeQueries({ queryKey: callerQuery.queryKey });
    throw redirect({ href: returnPath(back), replace: true });
  },
  staticData: { title: 'Log in' },
  component: lazyRouteComponent(() => import('./login-page.js'), 'LoginPage'),
});
