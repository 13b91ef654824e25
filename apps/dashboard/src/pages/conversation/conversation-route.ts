import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const conversationRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/conversations/$conversationId',
  staticData: { title: 'Conversation' },
  component: lazyRouteComponent(() => import('./conversation-page.js'), 'ConversationPage'),
});
