import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { toolSearchOf, type ToolSearch } from './tool-search.policy.js';

export const mcpToolsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mcp/tools',
  staticData: { title: 'Tools', nav: { icon: 'tools', group: 'tools', order: 10, key: 'x', least: 'operator' } },
  validateSearch: (search: Record<string, unknown>): ToolSearch => toolSearchOf(search),
  component: lazyRouteComponent(() => import('./mcp-tools-page.js'), 'McpToolsPage'),
});
