import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const conversationsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/conversations',
  staticData: { title: 'Conversations', nav: { icon: 'talk', group: 'data', order: 30, key: 'v' } },
  component: lazyRouteComponent(() => import('./conversations-page.js'), 'ConversationsPage'),
});
