// Series as the chart of a band has them: places on its x axis, and names.
import type { BandData } from '@pulser/charts';

import type { RegularSeries } from './regular-series.policy.js';
import { timeAfter } from './step.policy.js';

/** Numbers that are years stand on an axis of years. */
export const axisOf = ({ form, start, step, values }: RegularSeries): BandData['kind'] => {
  if (form !== 'number') return 'time';
  const last = timeAfter(step, start, values.length - 1);
  return start >= 1_000 && last < 3_000 && step.unit === 'number' && step.count >= 1 ? 'year' : 'value';
};

/** Where a step stands on the x axis. */
export const placeOf = (series: RegularSeries, index: number): number => {
  const time = timeAfter(series.step, series.start, index);
  return axisOf(series) === 'year' ? Date.UTC(time, 0) : time;
};

/** The known values from a step on; the others leave gaps. */
export const lineFrom = (series: RegularSeries, first: number): (readonly [number, number | null])[] =>
  series.values
    .slice(first)
    .map((value, at) => [placeOf(series, first + at), series.known[first + at] === true ? value : null] as const);
