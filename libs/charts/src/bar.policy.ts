// Bar charts: upright, or horizontal when their labels need room.
import type { BarSeriesOption } from 'echarts';

import {
  categoryAxis,
  gridUnder,
  valueAxis,
  axisNames,
  upright,
  roomForLabels,
  type Scale,
  scaleOf,
  fitSideBySide,
  labelSize,
} from './axes.policy.js';
import type { XYChart } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { shortenAll, tellApart } from './labels.policy.js';
import { aligned, type Aligned, chartData, timeLabels, type AxisKind } from './series.policy.js';
import { type Json, type Table, textOf } from './table.policy.js';

const isoTime = /^([+-]?\d+-\d\d-\d\d)T([\d:.]+)Z?$/;

const plain = (cell: Json): string => textOf(cell).replace(isoTime, '$1 $2');

/** Times as short as they may be, unless that makes two of them alike. */
const labelsOf = ({ places, cells }: Aligned, kind: AxisKind): string[] =>
  kind === 'time' || kind === 'year'
    ? tellApart(timeLabels(places.map(Number)), (at) => plain(cells[at] ?? null))
    : cells.map((cell) => (kind === 'category' ? textOf(cell) : plain(cell)));

// Of labels that fit none is left out, although echarts takes those of many scripts for wider than they are.
const all = { interval: 0, hideOverlap: false } as const;
const labelStyles = { upright: all, thinned: {}, tilted: { rotate: 45 }, lying: all } as const;

/** Pixels that horizontal bars need for each of their labels; with fewer some are left out. */
const lineHeight = 14;

const labelStyle = (layout: BarLayout, labels: number, height: number): Record<string, unknown> =>
  layout === 'lying' && labels * lineHeight > height - 50 ? {} : labelStyles[layout];

const barsOf = ({ series }: Aligned, scale: Scale): BarSeriesOption[] =>
  series.map(({ name, values }) => ({
    type: 'bar',
    name,
    data: values.map((value) => scale.at(value)),
    barMaxWidth: 56,
    barCategoryGap: '28%',
    barGap: '8%',
  }));

/** Bars side by side, a group for each x. */
export const barPicture = (chart: XYChart, table: Table, said: readonly string[]): Picture => {
  const data = chartData(chart, table);
  const rows = aligned(data, false);
  const labels = labelsOf(rows, data.kind);
  const layout = barLayout(labels, data.kind, chart.width);
  const names = axisNames(chart);
  const values = rows.series.flatMap((one) => one.values);
  const scale = scaleOf(names.y, values, true);
  const notes = [...said, ...(data.notes ?? [])];
  const { option, top } = frame(chart, data.series, notes);
  const height = chart.height ?? barsHeight(layout, labels.length, data.series.length, top);
  const fitted = fitLabels(labels, layout, chart, height);
  const categories = categoryAxis(chart, names.x, fitted, labelStyle(layout, labels.length, height - top));
  const amounts = valueAxis(chart, scale.name, true);
  const axes =
    layout === 'lying'
      ? { xAxis: amounts, yAxis: upright({ ...categories, inverse: true }, height - top) }
      : { xAxis: categories, yAxis: upright(amounts, height - top) };
  return {
    notes,
    width: chart.width,
    height,
    option: { ...option, grid: gridUnder(top), ...axes, series: barsOf(rows, scale) },
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

/** Labels within the pixels that they may take. */
export const fitLabels = (
  labels: readonly string[],
  layout: BarLayout,
  chart: Pick<XYChart, 'width' | 'height'>,
  height: number,
): string[] =>
  layout === 'upright'
    ? [...labels]
    : shortenAll(labels, labelSize, layout === 'lying' ? chart.width * 0.4 : roomForLabels(chart, height));

/** In pixels: horizontal bars need more, the more of them there are. @param above what title and legend take */
export const barsHeight = (layout: BarLayout, categories: number, bars: number, above: number): number => {
  if (layout !== 'lying') return defaultHeight;
  const needed = above + 60 + categories * Math.max(22, 12 * bars + 8);
  return Math.min(maxHeight, Math.max(defaultHeight, Math.ceil(needed)));
};
