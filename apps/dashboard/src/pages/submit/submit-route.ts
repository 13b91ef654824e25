import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { submitSearchOf, type SubmitSearch } from './submit-search.policy.js';

export const submitRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/submit',
  staticData: { title: 'Submit', nav: { icon: 'submit', group: 'work', order: 20, key: 's' } },
  validateSearch: (search: Record<string, unknown>): SubmitSearch => submitSearchOf(search),
  component: lazyRouteComponent(() => import('./submit-page.js'), 'SubmitPage'),
});
