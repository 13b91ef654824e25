// Line and area charts.
import type { LineSeriesOption } from 'echarts';

import { gridUnder, valueAxis, axisNames, horizontalAxis, scaledOrNull, unitOf, type Unit } from './axes.policy.js';
import type { XYChart } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { lineTypes, pick, roundOf } from './palette.js';
import { aligned, type Aligned, chartData, type Place } from './series.policy.js';
import type { Table } from './table.policy.js';

type Values = readonly (number | null)[];

const manyPoints = 40;

/** A value between two gaps has no line to either side. */
const isAlone = (values: Values, index: number): boolean =>
  (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;

const itemsOf = (values: Values, xs: readonly Place[], unit: Unit): NonNullable<LineSeriesOption['data']> =>
  values.map((value, index) => ({
    value: [xs[index] ?? index, scaledOrNull(value, unit)],
    ...(values.length > manyPoints && !isAlone(values, index) ? { symbol: 'none' } : {}),
  }));

/** Sums make sense when every series has a part in every place. */
export const canStack = ({ series }: Aligned): boolean =>
  series.length > 1 && series.every(({ values }) => values.every((value) => value !== null && value >= 0));

const styleOf = (chart: XYChart, index: number, stacked: boolean): LineSeriesOption => {
  if (chart.kind === 'line') return { lineStyle: { width: 2, type: pick(lineTypes, roundOf(index)) } };
  return stacked
    ? { stack: 'all', areaStyle: { opacity: 0.75 }, lineStyle: { width: 1 } }
    : { areaStyle: { opacity: 0.25 }, lineStyle: { width: 2 } };
};

const linesOf = (chart: XYChart, rows: Aligned, xs: readonly Place[], unit: Unit): LineSeriesOption[] =>
  rows.series.map(({ name, values }, index) => ({
    type: 'line',
    name,
    data: itemsOf(values, xs, unit),
    symbol: 'circle',
    symbolSize: 6,
    ...styleOf(chart, index, canStack(rows)),
  }));

/** Lines over a time, numeric or category axis; a null leaves a gap. */
export const linePicture = (chart: XYChart, table: Table, note: string | undefined): Picture => {
  const { kind, series } = chartData(chart, table);
  const rows = aligned({ kind, series }, true);
  const unit = unitOf(rows.series.flatMap(({ values }) => values));
  const { option, top } = frame(chart, series, note);
  const names = axisNames(chart);
  const horizontal = horizontalAxis(chart, names.x, kind, rows.places);
  return {
    width: chart.width,
    height: chart.height ?? 450,
    option: {
      ...option,
      grid: gridUnder(top),
      xAxis: horizontal.axis,
      yAxis: valueAxis(chart, names.y, unit, chart.kind === 'area'),
      series: linesOf(chart, rows, horizontal.places, unit),
    },
  };
};
