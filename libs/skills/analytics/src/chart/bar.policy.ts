// Bar charts: upright, or horizontal when their labels need room.
import type { BarSeriesOption } from 'echarts';

import {
  categoryAxis,
  gridUnder,
  valueAxis,
  axisNames,
  scaledOrNull,
  unitOf,
  type Unit,
  fitSideBySide,
  labelSize,
} from './axes.policy.js';
import type { XYChart } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { aligned, type Aligned, chartData, timeLabels, type AxisKind } from './series.policy.js';
import type { Table } from './table.policy.js';
import { shorten } from './text-width.policy.js';

const labelsOf = ({ places }: Aligned, kind: AxisKind): string[] =>
  kind === 'time' || kind === 'year' ? timeLabels(places.map(Number)) : places.map(String);

const labelStyles = {
  upright: { interval: 0 },
  thinned: {},
  tilted: { rotate: 45 },
  lying: { interval: 0 },
} as const;

const barsOf = ({ series }: Aligned, unit: Unit): BarSeriesOption[] =>
  series.map(({ name, values }) => ({
    type: 'bar',
    name,
    data: values.map((value) => scaledOrNull(value, unit)),
    barMaxWidth: 56,
    barCategoryGap: '28%',
    barGap: '8%',
  }));

/** Bars side by side, a group for each x. */
export const barPicture = (chart: XYChart, table: Table, note: string | undefined): Picture => {
  const { kind, series } = chartData(chart, table);
  const rows = aligned({ kind, series }, false);
  const labels = labelsOf(rows, kind);
  const layout = barLayout(labels, kind, chart.width);
  const unit = unitOf(rows.series.flatMap(({ values }) => values));
  const { option, top } = frame(chart, series, note);
  const names = axisNames(chart);
  const values = valueAxis(chart, names.y, unit, true);
  const categories = categoryAxis(chart, names.x, fitLabels(labels, layout, chart.width), labelStyles[layout]);
  const axes =
    layout === 'lying'
      ? { xAxis: values, yAxis: { ...categories, inverse: true } }
      : { xAxis: categories, yAxis: values };
  return {
    width: chart.width,
    height: chart.height ?? barsHeight(layout, labels.length, series.length, top),
    option: { ...option, grid: gridUnder(top), ...axes, series: barsOf(rows, unit) },
  };
};

/**
 * upright: every label under its bar; thinned: some labels left out; tilted: those that are left, at 45 degrees;
 * lying: horizontal bars, which have room for long labels.
 */
export type BarLayout = 'upright' | 'thinned' | 'tilted' | 'lying';

/** More horizontal bars make a picture too long to scroll through. */
const maxLying = 60;
const defaultHeight = 450;
const maxHeight = 1_920;

export const barLayout = (labels: readonly string[], kind: AxisKind, width: number): BarLayout => {
  if (fitSideBySide(labels, width)) return 'upright';
  if (kind === 'time' || kind === 'year') return 'thinned';
  return labels.length <= maxLying ? 'lying' : 'tilted';
};

/** How long a label may get, in pixels. */
export const fitLabels = (labels: readonly string[], layout: BarLayout, width: number): string[] =>
  layout === 'upright'
    ? [...labels]
    : labels.map((label) => shorten(label, labelSize, layout === 'lying' ? width * 0.4 : 110));

/** In pixels: horizontal bars need more, the more of them there are. @param above what title and legend take */
export const barsHeight = (layout: BarLayout, categories: number, bars: number, above: number): number => {
  if (layout !== 'lying') return defaultHeight;
  const needed = above + 60 + categories * Math.max(22, 12 * bars + 8);
  return Math.min(maxHeight, Math.max(defaultHeight, Math.ceil(needed)));
};
