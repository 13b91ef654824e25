import type { BarSeriesOption } from 'echarts';

import { aligned, type Aligned } from './aligned.policy.js';
import { categoryAxis, gridUnder, valueAxis } from './axes.policy.js';
import { axisNames } from './axis-names.policy.js';
import { barLayout, barsHeight, fitLabels } from './bar-layout.policy.js';
import type { XYChart } from './chart-input.js';
import { chartData, type Table } from './data.policy.js';
import { frame } from './frame.policy.js';
import type { Picture } from './picture.js';
import { scaledOrNull, unitOf, type Unit } from './unit.policy.js';
import { timeLabels, type AxisKind } from './x-axis.policy.js';

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
