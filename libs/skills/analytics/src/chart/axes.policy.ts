// The axes: their units, names and labels.
import type { EChartsOption } from 'echarts';

import type { Chart, XYChart } from './chart-input.js';
import { themes } from './palette.js';
import type { AxisKind, Place } from './series.policy.js';
import { shorten, textWidth } from './text-width.policy.js';

/** What the numbers along an axis are divided by, and the word for it. */
export interface Unit {
  readonly divisor: number;
  readonly word: string;
}

const units: readonly (Unit & { readonly from: number })[] = [
  { from: 1e12, divisor: 1e12, word: 'trillions' },
  { from: 1e9, divisor: 1e9, word: 'billions' },
  { from: 1e6, divisor: 1e6, word: 'millions' },
  // 20,000 reads well in full.
  { from: 1e5, divisor: 1e3, word: 'thousands' },
];

const ones: Unit = { divisor: 1, word: '' };

/** Thousands, millions and so on, as the largest number asks. */
export const unitOf = (values: readonly (number | null)[]): Unit => {
  const largest = values.reduce<number>((max, value) => Math.max(max, Math.abs(value ?? 0)), 0);
  return units.find(({ from }) => largest >= from) ?? ones;
};

/** The name of an axis with its unit. */
export const nameWithUnit = (name: string, { word }: Unit): string => {
  if (word === '') return name;
  return name === '' ? word : `${name} (${word})`;
};

/** Without the digits that a division leaves behind, such as 0.30000000000000004. */
export const scaled = (value: number, { divisor }: Unit): number => Number((value / divisor).toPrecision(12));

/** As {@link scaled}; null stays null. */
export const scaledOrNull = (value: number | null, unit: Unit): number | null =>
  value === null ? null : scaled(value, unit);

type Axis = Record<string, unknown>;

export const labelSize = 12;

/** Pixels of the other axis and the margins. */
const besideLabels = 90;

const widest = (labels: readonly string[]): number =>
  labels.reduce((width, label) => Math.max(width, textWidth(label, labelSize)), 0);

/** Whether all the labels fit side by side under a plot of this width. */
export const fitSideBySide = (labels: readonly string[], width: number): boolean =>
  widest(labels) + 6 <= (width - besideLabels) / Math.max(1, labels.length);

const named = (chart: Chart, name: string): Axis => ({
  name,
  nameLocation: 'middle',
  nameTextStyle: { color: themes[chart.theme].softText, fontSize: labelSize },
});

const label = (chart: Chart, extra: Axis = {}): Axis => ({
  axisLabel: { color: themes[chart.theme].text, fontSize: labelSize, hideOverlap: true, ...extra },
});

const axisLine = (chart: Chart): Axis => ({
  show: true,
  onZero: true,
  lineStyle: { color: themes[chart.theme].axis },
});

/** An axis of numbers. @param fromZero false lets it begin near the smallest value */
export const valueAxis = (chart: Chart, name: string, unit: Unit, fromZero: boolean): Axis => ({
  type: 'value',
  scale: !fromZero,
  ...named(chart, nameWithUnit(name, unit)),
  ...label(chart),
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { show: true, lineStyle: { color: themes[chart.theme].grid } },
});

const yearMs = 365 * 24 * 3_600_000;

// The default writes days as a bare number.
const timeTemplates = {
  year: '{yyyy}',
  month: '{MMM}',
  day: '{d} {MMM}',
  hour: '{HH}:{mm}',
  minute: '{HH}:{mm}',
  second: '{HH}:{mm}:{ss}',
  millisecond: '{ss}.{SSS}',
};

/** The day or year that all these times share and that their labels may leave out. */
const shared = (times: readonly number[]): string => {
  const isos = times.map((time) => new Date(time).toISOString());
  const [first] = isos;
  const length = [10, 4].find((size) => isos.every((iso) => iso.slice(0, size) === first?.slice(0, size)));
  return first === undefined || length === undefined ? '' : first.slice(0, length);
};

const nameOfTimes = (name: string, times: readonly number[]): string => {
  const common = shared(times);
  return common === '' || name === '' ? name : `${name} (${common})`;
};

/** An axis of times in UTC, or of years. */
export const timeAxis = (chart: Chart, name: string, kind: AxisKind, times: readonly number[]): Axis => ({
  type: 'time',
  ...(kind === 'year' ? { minInterval: yearMs } : {}),
  ...named(chart, kind === 'year' ? name : nameOfTimes(name, times)),
  ...label(chart, { formatter: kind === 'year' ? '{yyyy}' : timeTemplates }),
  axisLine: axisLine(chart),
  axisTick: { show: true, lineStyle: { color: themes[chart.theme].axis } },
  splitLine: { show: false },
});

/** An axis of labels side by side. */
export const categoryAxis = (chart: Chart, name: string, labels: readonly string[], extra: Axis = {}): Axis => ({
  type: 'category',
  data: [...labels],
  ...named(chart, name),
  ...label(chart, extra),
  axisLine: axisLine(chart),
  axisTick: { show: false },
});

/** Room for the plot: what is left under the frame, with the labels and names of the axes inside. */
export const gridUnder = (top: number): NonNullable<EChartsOption['grid']> => ({
  left: 16,
  right: 28,
  top,
  bottom: 14,
  outerBoundsMode: 'same',
  outerBoundsContain: 'all',
});

/** An x axis and where each place of the data stands on it. */
export interface HorizontalAxis {
  readonly axis: Record<string, unknown>;
  readonly places: readonly Place[];
}

const onCategories = (chart: XYChart, name: string, labels: readonly string[]): HorizontalAxis => {
  const fitted = labels.map((label) => shorten(label, labelSize, 130));
  return {
    axis: categoryAxis(chart, name, fitted, fitSideBySide(fitted, chart.width) ? { interval: 0 } : { rotate: 45 }),
    // By position: two shortened labels may be alike.
    places: labels.map((_, index) => index),
  };
};

/** The x axis of lines and scatters. */
export const horizontalAxis = (
  chart: XYChart,
  name: string,
  kind: AxisKind,
  places: readonly Place[],
): HorizontalAxis => {
  if (kind === 'category') return onCategories(chart, name, places.map(String));
  const numbers = places.map(Number);
  if (kind !== 'value') return { axis: timeAxis(chart, name, kind, numbers), places };
  const unit = unitOf(numbers);
  return { axis: valueAxis(chart, name, unit, false), places: numbers.map((value) => scaled(value, unit)) };
};

/** The labels that were asked for, else the names of the columns; several y columns stand in the legend. */
export const axisNames = ({ x, y, x_label, y_label }: XYChart): { readonly x: string; readonly y: string } => {
  const [only, ...others] = [y].flat();
  return { x: x_label ?? x, y: y_label ?? (others.length === 0 ? (only ?? '') : '') };
};
