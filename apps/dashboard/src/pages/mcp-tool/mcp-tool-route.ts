import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { textOf } from '../../app/search.policy.js';

export interface ToolPageSearch {
  /** Id of the approval of a call that is to be made. */
  readonly approval?: string;
}

export const mcpToolRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mcp/tools/$name',
  staticData: { title: 'Tool' },
  validateSearch: (search: Record<string, unknown>): ToolPageSearch => {
    const approval = textOf(search['approval'], 40);
    return approval === undefined ? {} : { approval };
  },
  component: lazyRouteComponent(() => import('./mcp-tool-page.js'), 'McpToolPage'),
});
