// Scatter charts.
import type { ScatterSeriesOption } from 'echarts';

import { axisNames, gridUnder, horizontalAxis, scaleOf, upright, valueAxis } from './axes.policy.js';
import type { XYChart } from './chart-input.js';
import { frame, type Picture } from './frame.policy.js';
import { pick, seriesColour, symbols, translucent } from './palette.js';
import { chartData, type Place, type Point, type Series, undrawn } from './series.policy.js';
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

const lacking = (series: readonly Series[]): number =>
  series.flatMap(({ points }) => points).filter(({ y, unreal }) => y === null && unreal !== true).length;

/** A point for each row that has both an x and a y. */
export const scatterPicture = (chart: XYChart, table: Table, said: readonly string[]): Picture => {
  const data = chartData(chart, table);
  const clouds = data.series.map(drawable);
  const points = clouds.flatMap((one) => one.points);
  const places = [...new Set(points.map(({ x }) => x))];
  const names = axisNames(chart);
  const horizontal = horizontalAxis(chart, data, places);
  const standing = new Map(places.map((place, index) => [place, horizontal.places[index] ?? place]));
  const scale = scaleOf(
    names.y,
    points.map(({ y }) => y),
    false,
  );
  const position = ({ x, y }: Point): Position => [standing.get(x) ?? x, scale.at(y) ?? 0];
  const all = [...said, ...(data.notes ?? [])];
  const notes = points.length === 0 ? all : [...all, ...undrawn(lacking(data.series), [chart.y].flat().join(', '))];
  const height = chart.height ?? 450;
  const { option, top } = frame(chart, data.series, notes);
  return {
    notes,
    width: chart.width,
    height,
    option: {
      ...option,
      grid: gridUnder(top),
      xAxis: horizontal.axis,
      yAxis: upright(valueAxis(chart, scale.name, false), height - top),
      series: clouds.map((one, index) => ({
        ...cloud(chart, one.name, one.points.map(position), index),
        symbolSize: sizeFor(points.length),
      })),
    },
  };
};
