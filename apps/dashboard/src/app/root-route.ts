import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext } from '@tanstack/react-router';

import type { IconName } from '../ui/icon.js';
import { NotFoundPage } from './not-found-page.js';
import type { Audience } from './page-access.policy.js';
import { RouteError } from './route-error.js';

/** The place of a page in the navigation. */
export interface NavEntry extends Audience {
  readonly icon: IconName;
  /** Pages stand in groups, in this order. */
  readonly group: 'work' | 'tools' | 'data' | 'admin';
  /** Lower is further up. */
  readonly order: number;
  /** The letter that goes there after `g`. */
  readonly key: string;
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** Name of the page in the navigation and the palette. */
    readonly title: string;
    readonly nav?: NavEntry;
  }
}

export const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  staticData: { title: 'Pulser' },
  notFoundComponent: NotFoundPage,
  errorComponent: RouteError,
});
