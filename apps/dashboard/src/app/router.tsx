import type { QueryClient } from '@tanstack/react-query';
import { createRoute, createRouter } from '@tanstack/react-router';

import { confirmRoute } from '../pages/destinations/confirm-route.js';
import { pageRoutes } from '../pages/routes.js';
import { loginRoute } from '../session/login-route.js';
import { frameRoute } from './frame-route.js';
import { NotFoundPage } from './not-found-page.js';
import { rootRoute } from './root-route.js';
import { parseSearch, stringifySearch } from './search.policy.js';

/** What no page has, inside the frame. */
const elsewhereRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '$',
  staticData: { title: 'Not found' },
  component: NotFoundPage,
});

const routeTree = rootRoute.addChildren([
  loginRoute,
  confirmRoute,
  frameRoute.addChildren([...pageRoutes, elsewhereRoute]),
]);

export const createAppRouter = (client: QueryClient) =>
  createRouter({
    routeTree,
    basepath: '/ui',
    context: { client },
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    scrollToTopSelectors: ['#main'],
    defaultPreload: 'intent',
    // The cache of queries knows what is fresh.
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 300,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
