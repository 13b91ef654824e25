import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { textOf } from '../../app/search.policy.js';

interface DatasetsPlace {
  /** What a name, or the name of a column, has in it. */
  readonly q?: string | undefined;
}

export const datasetsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/datasets',
  staticData: { title: 'Datasets', nav: { icon: 'datasets', group: 'data', order: 10, key: 'f' } },
  validateSearch: (search: Record<string, unknown>): DatasetsPlace => {
    const q = textOf(search['q'], 100);
    return q === undefined ? {} : { q };
  },
  component: lazyRouteComponent(() => import('./datasets-page.js'), 'DatasetsPage'),
});
