import { lazy, Suspense } from 'react';

import { Skeleton } from '../ui/skeleton.js';
import type { GraphSource } from './graph-source.js';

// What draws and lays out comes when there is something to draw.
const StepsGraph = lazy(() => import('./steps-graph.js'));

/** The steps of a definition or run. */
export const LazyGraph = ({ source }: { readonly source: GraphSource }) => (
  <Suspense fallback={<Skeleton width="100%" height="180px" />}>
    <StepsGraph source={source} />
  </Suspense>
);
