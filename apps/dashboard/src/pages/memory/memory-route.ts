import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const memoryRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/memory/$memoryId',
  staticData: { title: 'Memory' },
  component: lazyRouteComponent(() => import('./memory-page.js'), 'MemoryPage'),
});
