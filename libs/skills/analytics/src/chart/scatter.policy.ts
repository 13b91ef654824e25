// Scatter charts.
import type { ScatterSeriesOption } from 'echarts';

import { gridUnder, valueAxis, axisNames, horizontalAxis, unitOf } from './axes.policy.js';
import type { XYChart } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { pick, seriesColour, symbols, translucent } from './palette.js';
import { chartData, type Point, type Series, type Place } from './series.policy.js';
import type { Table } from './table.policy.js';

type Position = [Place, number];

const drawable = ({ name, points }: Series): Series => ({ name, points: points.filter(({ y }) => y !== null) });

const sizeFor = (points: number): number => {
  if (points <= 200) return 10;
  return points <= 2_000 ? 7 : 4;
};

const cloud = (chart: XYChart, name: string, data: Position[], index: number): ScatterSeriesOption => ({
  type: 'scatter',
  name,
  data,
  symbol: pick(symbols, index),
  itemStyle: { color: translucent(seriesColour(chart.theme, index), 0.7) },
});

/** A point for each row that has both an x and a y. */
export const scatterPicture = (chart: XYChart, table: Table, note: string | undefined): Picture => {
  const { kind, series } = chartData(chart, table);
  const clouds = series.map(drawable);
  const points = clouds.flatMap((one) => one.points);
  const places = [...new Set(points.map(({ x }) => x))];
  const names = axisNames(chart);
  const horizontal = horizontalAxis(chart, names.x, kind, places);
  const standing = new Map(places.map((place, index) => [place, horizontal.places[index] ?? place]));
  const unit = unitOf(points.map(({ y }) => y));
  const position = ({ x, y }: Point): Position => [standing.get(x) ?? x, (y ?? 0) / unit.divisor];
  const { option, top } = frame(chart, series, note);
  return {
    width: chart.width,
    height: chart.height ?? 450,
    option: {
      ...option,
      grid: gridUnder(top),
      xAxis: horizontal.axis,
      yAxis: valueAxis(chart, names.y, unit, false),
      series: clouds.map((one, index) => ({
        ...cloud(chart, one.name, one.points.map(position), index),
        symbolSize: sizeFor(points.length),
      })),
    },
  };
};
