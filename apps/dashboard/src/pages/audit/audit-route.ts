import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { auditSearchOf, type AuditSearch } from './audit-search.policy.js';

export const auditRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/audit',
  staticData: {
    title: 'Audit',
    nav: { icon: 'audit', group: 'admin', order: 10, key: 'u', least: 'admin', scope: 'both' },
  },
  validateSearch: (search: Record<string, unknown>): AuditSearch => auditSearchOf(search),
  component: lazyRouteComponent(() => import('./audit-page.js'), 'AuditPage'),
});
