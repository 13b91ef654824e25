import { lazy, Suspense } from 'react';

import type { ChartProps } from '../ui/chart.js';
import { Skeleton } from '../ui/skeleton.js';

// What draws on a canvas comes when there is something to draw.
const Chart = lazy(async () => ({ default: (await import('../ui/chart.js')).Chart }));

export const LazyChart = (props: ChartProps) => (
  <Suspense fallback={<Skeleton width="100%" height={`${(props.height ?? 220) + 34}px`} />}>
    <Chart {...props} />
  </Suspense>
);
