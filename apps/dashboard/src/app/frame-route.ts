import { createRoute, redirect } from '@tanstack/react-router';

import { live } from '../live/live.js';
import { codeOf, withoutFragment } from '../session/return.policy.js';
import { callerQuery, lastSessionEnd } from '../session/session.js';
import { Frame } from './frame.js';
import { NotFoundPage } from './not-found-page.js';
import { rootRoute } from './root-route.js';
import { RouteError } from './route-error.js';

/** The parent of every page: who is not logged in goes to the login, and comes back from there. */
export const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'frame',
  staticData: { title: 'Pulser' },
  beforeLoad: async ({ context, location }) => {
    const caller = await context.client.query({ ...callerQuery, staleTime: 60_000 });
    // A one-time link logs in as its key, also where another one is logged in.
    if (caller === null || codeOf(location.hash) !== undefined)
      throw redirect({
        to: '/login',
        search: { back: withoutFragment(location), ended: caller === null ? lastSessionEnd() : undefined },
        hash: true,
        replace: true,
      });
    // Before the queries of the page, so that no change between them and the stream is missed. What all tenants share has none.
    if (caller.tenant !== null) live.start();
    return { caller };
  },
  component: Frame,
  notFoundComponent: NotFoundPage,
  errorComponent: RouteError,
});
