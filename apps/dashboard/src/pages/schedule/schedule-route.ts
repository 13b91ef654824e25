import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { isOn, oneOf } from '../../app/search.policy.js';

/** Which fires are shown. */
export const fireChoices = ['all', 'skipped', 'failed', 'pending'] as const;
export type FireChoice = (typeof fireChoices)[number];

export interface ScheduleSearch {
  readonly fires?: FireChoice;
  /** The form is open. */
  readonly edit?: boolean;
}

export const scheduleRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/schedules/$name',
  staticData: { title: 'Schedule' },
  validateSearch: (search: Record<string, unknown>): ScheduleSearch => {
    const fires = oneOf(search['fires'], fireChoices);
    return { ...(fires !== undefined && fires !== 'all' && { fires }), ...(isOn(search['edit']) && { edit: true }) };
  },
  component: lazyRouteComponent(() => import('./schedule-page.js'), 'SchedulePage'),
});
