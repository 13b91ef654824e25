import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const workflowsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/workflows',
  staticData: { title: 'Workflows', nav: { icon: 'workflows', group: 'work', order: 30, key: 'w' } },
  component: lazyRouteComponent(() => import('./workflows-page.js'), 'WorkflowsPage'),
});
