import type { Histogram } from 'hdr-histogram-js';

import { figure } from './figure.policy.js';

export const latencyColumns = ['', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'tasks'];

/** @param histogram in microseconds */
export const latencyRow = (name: string, histogram: Histogram): string[] => {
  const ms = (us: number): string => figure(us / 1_000);
  const [p50, p95, p99] = [50, 95, 99].map((percentile) => ms(histogram.getValueAtPercentile(percentile)));
  return [name, `${p50}`, `${p95}`, `${p99}`, ms(histogram.maxValue), `${histogram.totalCount}`];
};
