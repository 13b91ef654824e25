import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const deadLetterRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/dead-letters/$deadLetterId',
  staticData: { title: 'Dead letter' },
  component: lazyRouteComponent(() => import('./dead-letter-page.js'), 'DeadLetterPage'),
});
