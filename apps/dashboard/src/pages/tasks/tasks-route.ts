import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { searchOf, type TaskSearch } from './task-search.policy.js';

export const tasksRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/tasks',
  staticData: { title: 'Tasks', nav: { icon: 'tasks', group: 'work', order: 10, key: 't' } },
  validateSearch: (search: Record<string, unknown>): TaskSearch => searchOf(search),
  component: lazyRouteComponent(() => import('./tasks-page.js'), 'TasksPage'),
});
