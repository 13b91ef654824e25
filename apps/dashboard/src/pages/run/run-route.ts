import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const runRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/runs/$taskId',
  staticData: { title: 'Run' },
  component: lazyRouteComponent(() => import('./run-page.js'), 'RunPage'),
});
