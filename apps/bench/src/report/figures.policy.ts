// Figures: medians and spreads of rounds, and how they are written.
import type { Histogram } from 'hdr-histogram-js';

/** The median of some figures, their least and their most. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

/** The figures of one round, by contestant; one that failed has none. */
export type Round = Readonly<Partial<Record<string, number>>>;

/** @throws RangeError when there are no values */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError('there is no median of nothing');
  return (low + high) / 2;
};

/** The value of this rank, 0 to 1, of the values in ascending order. @throws RangeError when there are no values */
export const percentile = (values: readonly number[], rank: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('there is no percentile of nothing');
  return value;
};

/** Undefined when there are no figures. */
export const spread = (values: readonly number[]): Spread | undefined =>
  values.length === 0
    ? undefined
    : { median: median(values), least: Math.min(...values), most: Math.max(...values), count: values.length };

/** The figures of one contestant. */
export const figuresOf = (rounds: readonly Round[], name: string): number[] =>
  rounds.flatMap(({ [name]: figure }) => figure ?? []);

/** Ratios round by round: a disturbance of a round affects both figures. */
export const ratios = (rounds: readonly Round[], ours: string, theirs: string): number[] =>
  rounds.flatMap(({ [ours]: one, [theirs]: other }) => (one === undefined || other === undefined ? [] : one / other));

/** With about three significant digits. */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : 2);
};

/** A count. */
export const wholeNumber = (count: number): string => count.toLocaleString('en-US');

/** Median, least and most: `5,012 (4,800 .. 5,100)`. */
export const spreadText = (spread: Spread | undefined): string => {
  if (spread === undefined) return 'none';
  const { median, least, most, count } = spread;
  return count === 1 ? figure(median) : `${figure(median)} (${figure(least)} .. ${figure(most)})`;
};

const bytesPerMegabyte = 1_048_576;

export const megabytes = (bytes: number): string => figure(bytes / bytesPerMegabyte);

export const latencyColumns = ['', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'tasks'];

/** @param histogram in microseconds */
export const latencyRow = (name: string, histogram: Histogram): string[] => {
  const ms = (us: number): string => figure(us / 1_000);
  const [p50, p95, p99] = [50, 95, 99].map((percentile) => ms(histogram.getValueAtPercentile(percentile)));
  return [name, `${p50}`, `${p95}`, `${p99}`, ms(histogram.maxValue), `${histogram.totalCount}`];
};
