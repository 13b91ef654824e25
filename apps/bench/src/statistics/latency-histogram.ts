import { build, type Histogram } from 'hdr-histogram-js';

/** From a microsecond to an hour, with three digits. */
export const latencyHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 });

/** Microseconds, at least one. @param start by `performance.now()` */
export const microsecondsSince = (start: number): number =>
  Math.max(1, Math.round((performance.now() - start) * 1_000));
