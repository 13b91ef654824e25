// The rows as series of points along an x axis.
import type { Json } from '@duckdb/node-api';
import { TaskError } from '@pulser/contracts';

import type { XYChart } from './chart-input.js';
import { labelOf, numberOf, timeOf, isNumeric, isTemporal, type Column, indexOf, type Table } from './table.policy.js';
import { shorten } from './text-width.policy.js';

export type AxisKind = 'time' | 'year' | 'value' | 'category';

/** A place on the x axis: milliseconds, a number, or the label of a category. */
export type Place = number | string;

const isYear = (cell: Json): boolean => {
  const year = numberOf(cell);
  return cell === null || (year !== null && Number.isInteger(year) && year >= 1_000 && year < 3_000);
};

/** Whole numbers in a column that is called a year: 2,007 would be an odd label for them. */
const holdsYears = (column: Column, cells: readonly Json[]): boolean =>
  /year/i.test(column.name) && isNumeric(column) && cells.every(isYear);

export const axisKind = (column: Column, cells: readonly Json[]): AxisKind => {
  if (isTemporal(column)) return 'time';
  if (holdsYears(column, cells)) return 'year';
  return isNumeric(column) ? 'value' : 'category';
};

/** The place of a cell on such an axis; null when it has none. */
export const placeOf = (cell: Json | undefined, kind: AxisKind): Place | null => {
  if (kind === 'category') return labelOf(cell);
  if (kind === 'time') return timeOf(cell);
  const value = numberOf(cell);
  return kind === 'year' && value !== null ? Date.UTC(value, 0) : value;
};

// The longest prefix of an ISO timestamp that still tells these apart.
const precisions = [
  { length: 4, rest: '-01-01T00:00:00.000Z' },
  { length: 7, rest: '-01T00:00:00.000Z' },
  { length: 10, rest: 'T00:00:00.000Z' },
  { length: 16, rest: ':00.000Z' },
  { length: 19, rest: '.000Z' },
] as const;

/** Labels of times that stand side by side as categories: 2012-03 rather than 2012-03-01T00:00:00Z. */
export const timeLabels = (times: readonly number[]): string[] => {
  const isos = times.map((time) => new Date(time).toISOString());
  const precision = precisions.find(({ rest }) => isos.every((iso) => iso.endsWith(rest)));
  return isos.map((iso) => iso.slice(0, precision?.length ?? 23).replace('T', ' '));
};

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

/** More series are indistinguishable. */
export const maxSeries = 20;

const cellsOf = (table: Table, name: string): Json[] => {
  const index = indexOf(table.columns, name);
  return table.rows.map((row) => row[index] ?? null);
};

/** A row without a place on the x axis has no point. */
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

/** All series aligned to the same x places. */
export interface Aligned {
  readonly places: readonly Place[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

const written = (place: Place, kind: ChartData['kind']): string =>
  kind === 'time' || kind === 'year' ? new Date(Number(place)).toISOString() : String(place);

const valueByPlace = ({ name, points }: Series, kind: ChartData['kind']): Map<Place, number | null> => {
  const values = new Map<Place, number | null>();
  for (const { x, y } of points) {
    if (values.has(x)) {
      throw invalidChart(
        `Several rows of ${name} have the x value ${written(x, kind)}: aggregate them in the SQL (GROUP BY), or name in chart.series the column that tells them apart`,
      );
    }
    values.set(x, y);
  }
  return values;
};

/**
 * Aligns the series. Times are sorted, and numbers too when there are several series, since no single order of rows fits
 * all of them; everything else keeps the order of the rows.
 *
 * @throws TaskError `invalid_payload` when a series has two rows at one place
 */
export const aligned = ({ kind, series }: ChartData, sortNumbers: boolean): Aligned => {
  const maps = series.map((one) => ({ name: one.name, values: valueByPlace(one, kind) }));
  const places = [...new Set(maps.flatMap(({ values }) => [...values.keys()]))];
  const sorted = kind === 'time' || kind === 'year' || (kind === 'value' && (sortNumbers || series.length > 1));
  if (sorted) places.sort((one, other) => Number(one) - Number(other));
  return {
    places,
    series: maps.map(({ name, values }) => ({ name, values: places.map((place) => values.get(place) ?? null) })),
  };
};

/** The error for rows that do not fit the chart. */
export const invalidChart = (message: string, details: Readonly<Record<string, unknown>> = {}): TaskError =>
  new TaskError('invalid_payload', message, { details });
