import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const mcpServersRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mcp/servers',
  staticData: { title: 'MCP servers', nav: { icon: 'servers', group: 'tools', order: 20, key: 'r' } },
  component: lazyRouteComponent(() => import('./mcp-servers-page.js'), 'McpServersPage'),
});
