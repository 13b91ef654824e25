import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { textOf } from '../../app/search.policy.js';

export interface SecretsSearch {
  /** Name of the secret that is open. */
  readonly open?: string;
  /** Name of a secret that is to be written. */
  readonly write?: string;
}

export const secretsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/secrets',
  staticData: {
    title: 'Secrets',
    nav: { icon: 'secrets', group: 'admin', order: 30, key: 'e', least: 'operator' },
  },
  validateSearch: (search: Record<string, unknown>): SecretsSearch => {
    const open = textOf(search['open'], 63);
    const write = textOf(search['write'], 63);
    return { ...(open !== undefined && { open }), ...(write !== undefined && { write }) };
  },
  component: lazyRouteComponent(() => import('./secrets-page.js'), 'SecretsPage'),
});
