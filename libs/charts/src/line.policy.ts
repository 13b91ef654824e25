// Line and area charts.
import type { LineSeriesOption } from 'echarts';

import { axisNames, gridUnder, horizontalAxis, type Scale, scaleOf, upright, valueAxis } from './axes.policy.js';
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

const itemsOf = (values: Values, xs: readonly Place[], scale: Scale): NonNullable<LineSeriesOption['data']> =>
  values.map((value, index) => ({
    value: [xs[index] ?? index, scale.at(value)],
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

const linesOf = (chart: XYChart, rows: Aligned, xs: readonly Place[], scale: Scale): LineSeriesOption[] =>
  rows.series.map(({ name, values }, index) => ({
    type: 'line',
    name,
    data: itemsOf(values, xs, scale),
    symbol: 'circle',
    symbolSize: 6,
    ...styleOf(chart, index, canStack(rows)),
  }));

/** Between whole numbers there is nothing to label: there are no half tasks. */
const wholes = (values: Values): { readonly minInterval?: number } =>
  values.every((value) => value === null || Number.isInteger(value)) ? { minInterval: 1 } : {};

/** Lines over a time, numeric or category axis; a null leaves a gap. */
export const linePicture = (chart: XYChart, table: Table, said: readonly string[]): Picture => {
  const data = chartData(chart, table);
  const rows = aligned(data, true);
  const isArea = chart.kind === 'area';
  const values = rows.series.flatMap((one) => one.values);
  const scale = scaleOf(axisNames(chart).y, values, isArea);
  const notes = [...said, ...(data.notes ?? [])];
  const height = chart.height ?? 450;
  const { option, top } = frame(chart, data.series, notes);
  const horizontal = horizontalAxis(chart, data, rows.places);
  return {
    notes,
    width: chart.width,
    height,
    option: {
      ...option,
      grid: gridUnder(top),
      xAxis: horizontal.axis,
      yAxis: upright({ ...valueAxis(chart, scale.name, isArea), ...wholes(values.map(scale.at)) }, height - top),
      series: linesOf(chart, rows, horizontal.places, scale),
    },
  };
};
