import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { isOn, textOf } from '../../app/search.policy.js';

export interface HooksSearch {
  /** Name of the hook that is open. */
  readonly open?: string;
  /** The form of a new one is open. */
  readonly create?: boolean;
}

export const hooksRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/hooks',
  staticData: { title: 'Hooks', nav: { icon: 'bolt', group: 'work', order: 34, key: 'l' } },
  validateSearch: (search: Record<string, unknown>): HooksSearch => {
    const open = textOf(search['open'], 63);
    return { ...(open !== undefined && { open }), ...(isOn(search['create']) && { create: true }) };
  },
  component: lazyRouteComponent(() => import('./hooks-page.js'), 'HooksPage'),
});
