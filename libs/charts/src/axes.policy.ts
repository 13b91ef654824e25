// The axes: their units, names and labels.
import type { EChartsOption } from 'echarts';

import type { Chart, XYChart } from './chart-input.js';
import { themes } from './palette.js';
import { shortenAll } from './labels.policy.js';
import { numberScale, spanOf } from './origin.policy.js';
import { type AxisKind, invalidChart, type Place } from './series.policy.js';
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

/** How values stand on an axis, and what it is called. */
export interface Scale {
  readonly name: string;
  readonly at: (value: number | null) => number | null;
}

/** @param from where a scale begins that does not begin at zero */
export const nameFrom = (name: string, from: string | undefined): string =>
  from === undefined ? name : `${name} ${from}`.trimStart();

/** Beyond this the distances between the labels of an axis are no doubles. */
const farthest = 1e300;

/** Echarts rounds to twenty decimals: no axis is fine enough for smaller values. */
const smallest = 1e-18;

const areTiny = (min: number, max: number): boolean => {
  const largest = Math.max(Math.abs(min), Math.abs(max));
  return largest > 0 && largest < smallest;
};

/** @throws TaskError `invalid_payload` when no axis has room for these values, or none is fine enough */
export const assertDrawable = (name: string, values: readonly (number | null)[]): void => {
  const { min, max } = spanOf(values);
  if (areTiny(min, max)) {
    throw invalidChart(`The values of ${name} are all smaller than ${smallest}: multiply them in the SQL`);
  }
  if (max - min > farthest || (max > min && max - min < 1 / farthest)) {
    throw invalidChart(`The values of ${name} reach from ${min} to ${max}: no axis can show that`);
  }
};

/**
 * The scale of these values: in their unit, and from an origin when labels could not tell them apart otherwise.
 *
 * @throws TaskError as {@link assertDrawable}
 */
export const scaleOf = (name: string, values: readonly (number | null)[], fromZero: boolean): Scale => {
  assertDrawable(name, values);
  const { at, from } = fromZero ? { at: (value: number | null) => value, from: undefined } : numberScale(values);
  const unit = unitOf(values.map(at));
  return { name: nameWithUnit(nameFrom(name, from), unit), at: (value) => scaledOrNull(at(value), unit) };
};

export const labelSize = 12;

/** Pixels of the other axis and the margins. */
const besideLabels = 90;

const widest = (labels: readonly string[]): number =>
  labels.reduce((width, label) => Math.max(width, textWidth(label, labelSize)), 0);

/** Whether all the labels fit side by side under a plot of this width. */
export const fitSideBySide = (labels: readonly string[], width: number): boolean =>
  widest(labels) + 6 <= (width - besideLabels) / Math.max(1, labels.length);

/** Labels beside or under the plot may take so many pixels. */
export const roomForLabels = ({ width }: Pick<Chart, 'width'>, height: number): number =>
  Math.min(110, height * 0.3, width * 0.3);

const defaultHeight = 450;

const named = (chart: Chart, name: string): Axis => ({
  name: shorten(name, labelSize, chart.width - 60),
  nameLocation: 'middle',
  nameTextStyle: { color: themes[chart.theme].softText, fontSize: labelSize },
});

/** As a vertical axis over a plot of this height with its labels, in pixels. */
export const upright = (axis: Axis, height: number): Axis => ({
  ...axis,
  name: shorten(String(axis['name']), labelSize, Math.max(40, height - 70)),
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
export const valueAxis = (chart: Chart, name: string, fromZero: boolean): Axis => ({
  type: 'value',
  scale: !fromZero,
  ...named(chart, name),
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

/** An x axis and the position of each place of the data on it. */
export interface HorizontalAxis {
  readonly axis: Record<string, unknown>;
  readonly places: readonly Place[];
}

const onCategories = (chart: XYChart, name: string, labels: readonly string[]): HorizontalAxis => {
  const fitted = shortenAll(labels, labelSize, roomForLabels(chart, chart.height ?? defaultHeight));
  return {
    axis: categoryAxis(
      chart,
      name,
      fitted,
      fitSideBySide(fitted, chart.width) ? { interval: 0, hideOverlap: false } : { rotate: 45 },
    ),
    // By position: two shortened labels may be alike.
    places: labels.map((_, index) => index),
  };
};

/** The x axis of lines and scatters. */
export const horizontalAxis = (
  chart: XYChart,
  { kind, from }: { readonly kind: AxisKind; readonly from?: string },
  places: readonly Place[],
): HorizontalAxis => {
  const name = axisNames(chart).x;
  if (kind === 'category') return onCategories(chart, name, places.map(String));
  const numbers = places.map(Number);
  assertDrawable(name, numbers);
  if (kind !== 'value') return { axis: timeAxis(chart, name, kind, numbers), places };
  const unit = unitOf(numbers);
  return {
    axis: valueAxis(chart, nameWithUnit(nameFrom(name, from), unit), false),
    places: numbers.map((value) => scaled(value, unit)),
  };
};

/** The labels that were asked for, else the names of the columns; several y columns are named in the legend. */
export const axisNames = ({ x, y, x_label, y_label }: XYChart): { readonly x: string; readonly y: string } => {
  const [only, ...others] = [y].flat();
  return { x: x_label ?? x, y: y_label ?? (others.length === 0 ? (only ?? '') : '') };
};
