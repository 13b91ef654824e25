import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf } from '../../app/search.policy.js';

/** Parts of the page. */
export const designTabs = ['controls', 'states', 'table', 'charts', 'texts'] as const;
export type DesignTab = (typeof designTabs)[number];

interface DesignSearch {
  readonly tab?: DesignTab;
}

/** Every primitive in its states, for those who build pages and for specs. It is not in the navigation. */
export const designRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/design',
  validateSearch: (search: Record<string, unknown>): DesignSearch => {
    const tab = oneOf(search['tab'], designTabs);
    return tab === undefined ? {} : { tab };
  },
  staticData: { title: 'Design' },
  component: lazyRouteComponent(() => import('./design-page.js'), 'DesignPage'),
});
