import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';

export const mcpServerRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mcp/servers/$name',
  staticData: { title: 'MCP server' },
  component: lazyRouteComponent(() => import('./mcp-server-page.js'), 'McpServerPage'),
});
