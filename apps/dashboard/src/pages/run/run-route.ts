import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { textOf } from '../../app/search.policy.js';

interface RunPlace {
  /** The one whose tasks are listed. */
  readonly step?: string;
}

export const runRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/runs/$taskId',
  staticData: { title: 'Run' },
  validateSearch: (search: Record<string, unknown>): RunPlace => {
    const step = textOf(search['step'], 40);
    return step === undefined ? {} : { step };
  },
  component: lazyRouteComponent(() => import('./run-page.js'), 'RunPage'),
});
