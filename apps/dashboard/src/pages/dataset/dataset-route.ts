import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { frameRoute } from '../../app/frame-route.js';
import { oneOf, textOf, wholeOf } from '../../app/search.policy.js';

export const datasetTabs = ['rows', 'columns', 'lineage', 'versions', 'compare', 'profile'] as const;
export type DatasetTab = (typeof datasetTabs)[number];

export interface DatasetPlace {
  /** Undefined: the latest. */
  readonly version?: number | undefined;
  readonly tab?: DatasetTab | undefined;
  /** The version that this one is compared with. */
  readonly from?: number | undefined;
  /** Columns that tell rows apart, between commas. */
  readonly key?: string | undefined;
  /** The task whose comparison is shown. */
  readonly diff?: string | undefined;
  /** The task whose profile is shown. */
  readonly profile?: string | undefined;
}

const maxVersion = 999_999_999;

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' && uuid.test(value) ? value : undefined;

export const placeOf = (search: Readonly<Record<string, unknown>>): DatasetPlace => {
  const place: DatasetPlace = {
    version: wholeOf(search['version'], 1, maxVersion),
    tab: oneOf(search['tab'], datasetTabs),
    from: wholeOf(search['from'], 1, maxVersion),
    key: textOf(search['key'], 2_000),
    diff: idOf(search['diff']),
    profile: idOf(search['profile']),
  };
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
};

export const datasetRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/datasets/$name',
  staticData: { title: 'Dataset' },
  validateSearch: (search: Record<string, unknown>): DatasetPlace => placeOf(search),
  component: lazyRouteComponent(() => import('./dataset-page.js'), 'DatasetPage'),
});
