import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';

export const shownPins = ['quarantined', 'approved', 'withdrawn'] as const;
export type ShownPins = (typeof shownPins)[number];

export interface PinsSearch {
  /** Without: those to review. */
  readonly status?: ShownPins;
  /** Which one is open: server, tool and the beginning of its digest. */
  readonly open?: string;
}

export const mcpPinsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mcp/pins',
  staticData: {
    title: 'Tool definitions',
    nav: { icon: 'pin', group: 'tools', order: 40, key: 'q', scope: 'installation' },
  },
  validateSearch: (search: Record<string, unknown>): PinsSearch => {
    const status = oneOf(search['status'], shownPins);
    const open = textOf(search['open'], 300);
    return { ...(status !== undefined && { status }), ...(open !== undefined && { open }) };
  },
  component: lazyRouteComponent(() => import('./mcp-pins-page.js'), 'McpPinsPage'),
});
