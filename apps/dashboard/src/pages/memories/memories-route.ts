import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { type MemorySearch, memorySearchOf } from './memory-search.policy.js';

export const memoriesRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/memory',
  staticData: { title: 'Memory', nav: { icon: 'memory', group: 'data', order: 20, key: 'm' } },
  validateSearch: (search: Record<string, unknown>): MemorySearch => memorySearchOf(search),
  component: lazyRouteComponent(() => import('./memories-page.js'), 'MemoriesPage'),
});
