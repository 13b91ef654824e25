import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf } from '../../app/search.policy.js';

export const keysTabs = ['keys', 'sessions'] as const;
export type KeysTab = (typeof keysTabs)[number];

export const shownKeys = ['active', 'all'] as const;
export type ShownKeys = (typeof shownKeys)[number];

export const shownSessions = ['mine', 'all'] as const;
export type ShownSessions = (typeof shownSessions)[number];

export interface KeysSearch {
  /** Keys unless said otherwise; who is no administrator has sessions only. */
  readonly tab?: KeysTab;
  /** Of keys: those that are valid, unless said otherwise. */
  readonly state?: ShownKeys;
  /** Of sessions: whose; one's own unless said otherwise. */
  readonly whose?: ShownSessions;
  /** Id of the key or session that is open. */
  readonly open?: string;
}

export const keysRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/keys',
  staticData: { title: 'Keys and sessions', nav: { icon: 'keys', group: 'admin', order: 20, key: 'k', scope: 'both' } },
  validateSearch: (search: Record<string, unknown>): KeysSearch => {
    const tab = oneOf(search['tab'], keysTabs);
    const state = oneOf(search['state'], shownKeys);
    const whose = oneOf(search['whose'], shownSessions);
    const open = textOf(search['open'], 36);
    return {
      ...(tab !== undefined && { tab }),
      ...(state === 'all' && { state }),
      ...(whose === 'all' && { whose }),
      ...(open !== undefined && { open }),
    };
  },
  component: lazyRouteComponent(() => import('./keys-page.js'), 'KeysPage'),
});
