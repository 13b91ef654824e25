// Histograms: rows counted in ranges of one column.
import {
  assertDrawable,
  gridUnder,
  nameFrom,
  nameWithUnit,
  scaled,
  unitOf,
  upright,
  valueAxis,
} from './axes.policy.js';
import type { Histogram } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { themes } from './palette.js';
import { numberScale } from './origin.policy.js';
import { cellsOf, undrawn } from './series.policy.js';
import type { Table } from './table.policy.js';

const horizontal = (chart: Histogram, bins: Bins, from: string | undefined): Record<string, unknown> => {
  const { first, width, counts, single } = bins;
  // A bar of one value stands over its label.
  const shift = single ? 0.5 : 0;
  const [start, end] = [(first - shift) * width, (first + counts.length - shift) * width];
  const unit = unitOf([start, end]);
  const axis = valueAxis(chart, nameWithUnit(nameFrom(chart.x_label ?? chart.x, from), unit), false);
  const customValues = limitsToLabel(bins).map((limit) => scaled(limit, unit));
  const { text, axis: colour } = themes[chart.theme];
  return {
    ...axis,
    position: 'bottom',
    min: scaled(start, unit),
    max: scaled(end, unit),
    splitLine: { show: false },
    axisTick: { show: true, customValues, lineStyle: { color: colour } },
    axisLabel: { color: text, hideOverlap: true, customValues },
  };
};

/** How many rows fall into each range of a numeric column. */
export const histogramPicture = (chart: Histogram, table: Table, said: readonly string[]): Picture => {
  const cells = cellsOf(table, chart.x);
  const { at, from } = numberScale(cells);
  const values = cells.flatMap((cell) => at(cell) ?? []);
  assertDrawable(chart.x, values);
  const bins = binsOf(values);
  const notes = [...said, ...undrawn(cells.length - values.length, chart.x)];
  const height = chart.height ?? 450;
  const { option, top } = frame(chart, [], notes);
  return {
    notes,
    width: chart.width,
    height,
    option: {
      ...option,
      grid: gridUnder(top),
      xAxis: [
        // The bars stand on categories that fill the same width as the numbers under them.
        { type: 'category', show: false, data: bins.counts.map((_, bin) => bin) },
        horizontal(chart, bins, from),
      ],
      yAxis: upright({ ...valueAxis(chart, chart.y_label ?? 'rows', true), minInterval: 1 }, height - top),
      series: [{ type: 'bar', data: [...bins.counts], barCategoryGap: '4%' }],
    },
  };
};

/** Ranges of one width, each from its start up to but without the next one's. */
export interface Bins {
  /** Start of the first one, in widths. */
  readonly first: number;
  readonly width: number;
  readonly counts: readonly number[];
  /** True when each range holds one value only, its start. */
  readonly single: boolean;
}

const maxBins = 50;
/** So few different values are counted one by one. */
const maxSingles = 30;
const maxDecimals = 6;

// Division leaves 0.3 / 0.1 a little short of 3.
const clean = (value: number): number => Number(value.toPrecision(12));

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.round(share * (sorted.length - 1))] ?? 0;

const isMultiple = (value: number, of: number): boolean => Number.isInteger(clean(value / of));

/** The step between the values as they are written: 0.1 for 6.7 and 8; undefined when there is none. */
const grain = (values: readonly number[]): number | undefined => {
  const steps = Array.from({ length: maxDecimals + 1 }, (_, decimals) => 10 ** -decimals);
  return steps.find((step) => values.every((value) => isMultiple(value, step)));
};

/**
 * The next 1, 2, 2.5, 5 or 10 times a power of ten that the grain divides: bins of 0.25 over values with one decimal
 * would hold two of them and three of them by turns.
 */
export const niceStep = (atLeast: number, of: number | undefined): number => {
  const rough = Math.max(atLeast, of ?? 0);
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 2, 2.5, 5, 10].map((factor) => clean(factor * power));
  return steps.find((step) => step >= rough * (1 - 1e-9) && (of === undefined || isMultiple(step, of))) ?? rough;
};

/**
 * Width of a bin by the rule of Freedman and Diaconis (1981), 2 IQR / cube root of n; by Sturges' rule when half of the
 * values are alike.
 */
const roughStep = (sorted: readonly number[]): number => {
  const spread = quantile(sorted, 1) - quantile(sorted, 0);
  const ruled = (2 * (quantile(sorted, 0.75) - quantile(sorted, 0.25))) / Math.cbrt(sorted.length);
  const sturges = spread / (Math.log2(sorted.length) + 1);
  return Math.max(ruled === 0 ? sturges : ruled, spread / maxBins);
};

const widthFor = (sorted: readonly number[], step: number | undefined): number => {
  const spread = quantile(sorted, 1) - quantile(sorted, 0);
  if (spread === 0) return step ?? 1;
  if (step !== undefined && spread < maxSingles * step) return step;
  return niceStep(roughStep(sorted), step);
};

/** Sorts numbers into at most about fifty ranges with round limits. */
export const binsOf = (values: readonly number[]): Bins => {
  const sorted = values.toSorted((one, other) => one - other);
  const step = grain(sorted);
  const width = widthFor(sorted, step);
  const bin = (value: number): number => Math.floor(clean(value / width));
  const first = bin(quantile(sorted, 0));
  const counts = new Array<number>(bin(quantile(sorted, 1)) - first + 1).fill(0);
  for (const value of sorted) counts[bin(value) - first] = (counts[bin(value) - first] ?? 0) + 1;
  return { first, width, counts, single: width === step };
};

/** Limits to write under the bins: round ones, about ten. */
export const limitsToLabel = ({ first, width, counts }: Bins): number[] => {
  const every = [1, 2, 4, 5, 10].find((step) => counts.length / step <= 10) ?? 10;
  return Array.from({ length: counts.length + 1 }, (_, index) => first + index)
    .filter((limit) => limit % every === 0)
    .map((limit) => clean(limit * width));
};
