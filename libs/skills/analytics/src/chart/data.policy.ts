import type { Json } from '@duckdb/node-api';

import { labelOf, numberOf } from './cell.policy.js';
import type { XYChart } from './chart-input.js';
import { indexOf, type Column } from './columns.policy.js';
import { invalidChart } from './invalid-chart.js';
import { shorten } from './text-width.policy.js';
import { axisKind, placeOf, type AxisKind, type Place } from './x-axis.policy.js';

/** The rows of a result that are drawn. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Json[])[];
}

export interface Point {
  readonly x: Place;
  readonly y: number | null;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ChartData {
  readonly kind: AxisKind;
  readonly series: readonly Series[];
}

/** More of them nobody can tell apart. */
export const maxSeries = 20;

const cellsOf = (table: Table, name: string): Json[] => {
  const index = indexOf(table.columns, name);
  return table.rows.map((row) => row[index] ?? null);
};

/** Nothing for a row without a place on the x axis. */
const pointAt = (x: Place | null | undefined, y: Json): Point[] =>
  x === null || x === undefined ? [] : [{ x, y: numberOf(y) }];

const split = (names: readonly Json[], points: readonly Point[][]): Series[] => {
  const rows = Map.groupBy(names.keys(), (row) => labelOf(names[row]));
  return [...rows].map(([name, members]) => ({ name, points: members.flatMap((row) => points[row] ?? []) }));
};

const seriesOf = ({ y, series }: XYChart, table: Table, places: readonly (Place | null)[]): Series[] => {
  const pointsOf = (name: string): Point[][] => cellsOf(table, name).map((cell, row) => pointAt(places[row], cell));
  const names = [y].flat();
  return series === undefined
    ? names.map((name) => ({ name, points: pointsOf(name).flat() }))
    : names.flatMap((name) => split(cellsOf(table, series), pointsOf(name)));
};

/** With names that leave room for a legend, unless that makes two of them alike. */
const withShortNames = (series: readonly Series[], width: number): readonly Series[] => {
  const short = series.map(({ name, points }) => ({ name: shorten(name, 12, width / 4), points }));
  return new Set(short.map(({ name }) => name)).size === series.length ? short : series;
};

/**
 * The points of each series in the order of the rows.
 *
 * @throws TaskError `invalid_payload` when there are more than {@link maxSeries} series
 */
export const chartData = (chart: XYChart, table: Table): ChartData => {
  const xs = cellsOf(table, chart.x);
  const column = table.columns[indexOf(table.columns, chart.x)] ?? { name: chart.x, type: 'VARCHAR' };
  const kind = axisKind(column, xs);
  const series = seriesOf(
    chart,
    table,
    xs.map((cell) => placeOf(cell, kind)),
  );
  if (series.length <= maxSeries) return { kind, series: withShortNames(series, chart.width) };
  throw invalidChart(`chart.series makes ${series.length} series: at most ${maxSeries} can be told apart`);
};
