import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { type CallSearch, callSearchOf } from './call-search.policy.js';

export const mcpCallsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mcp/calls',
  staticData: { title: 'Tool calls', nav: { icon: 'calls', group: 'tools', order: 30, key: 'y' } },
  validateSearch: (search: Record<string, unknown>): CallSearch => callSearchOf(search),
  component: lazyRouteComponent(() => import('./mcp-calls-page.js'), 'McpCallsPage'),
});
