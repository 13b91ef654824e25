import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { isOn } from '../../app/search.policy.js';

export interface SchedulesSearch {
  /** The form of a new one is open. */
  readonly create?: boolean;
}

export const schedulesRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/schedules',
  staticData: { title: 'Schedules', nav: { icon: 'clock', group: 'work', order: 32, key: 'h' } },
  validateSearch: (search: Record<string, unknown>): SchedulesSearch =>
    isOn(search['create']) ? { create: true } : {},
  component: lazyRouteComponent(() => import('./schedules-page.js'), 'SchedulesPage'),
});
