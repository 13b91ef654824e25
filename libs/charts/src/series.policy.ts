// The rows as series of points along an x axis.
import { TaskError } from '@pulser/contracts';

import type { XYChart } from './chart-input.js';
import { keyOf, labelsByKey, shortenAll, tellApart } from './labels.policy.js';
import { numberPositions, timePositions, type Positions } from './origin.policy.js';
import {
  isNumeric,
  isTemporal,
  isUnreal,
  type Json,
  numberOf,
  type Column,
  indexOf,
  type Table,
  textOf,
} from './table.policy.js';

export type AxisKind = 'time' | 'year' | 'value' | 'category';

/** A place on the x axis: milliseconds, a number, or the label of a category, which no other one has. */
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

/** The cells of an x axis: what kind it is and where each stands; null when it has no place. */
export interface Places {
  readonly kind: AxisKind;
  readonly places: readonly (Place | null)[];
  /** What the axis says behind its name when it begins elsewhere than at zero. */
  readonly from?: string;
}

const onAxis = (kind: AxisKind, { values, from }: Positions): Places =>
  from === undefined ? { kind, places: values } : { kind: 'value', places: values, from };

/** The places of the cells on an axis of this kind; times that are less than milliseconds apart become plain numbers. */
export const placesOf = (cells: readonly Json[], kind: AxisKind): Places => {
  switch (kind) {
    case 'time':
      return onAxis(kind, timePositions(cells));
    case 'value':
      return onAxis(kind, numberPositions(cells));
    case 'year': {
      const years = cells.map(numberOf);
      return { kind, places: years.map((year) => (year === null ? null : Date.UTC(year, 0))) };
    }
    case 'category': {
      const labels = labelsByKey(cells);
      return { kind, places: cells.map((cell) => labels.get(keyOf(cell)) ?? null) };
    }
  }
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
  // Years beyond 9999 have more digits.
  const beyond = 'yyyy-mm-ddThh:mm:ss.fffZ'.length - (precision?.length ?? 23);
  return isos.map((iso) => iso.slice(0, iso.length - beyond).replace('T', ' '));
};

export interface Point {
  readonly x: Place;
  readonly y: number | null;
  /** The cell of x: what tells this point's place from others, also where doubles do not. */
  readonly cell?: Json;
  /** The index of its row. */
  readonly row?: number;
  /** Whether y is null for it is NaN or infinite. */
  readonly unreal?: boolean;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ChartData {
  readonly kind: AxisKind;
  readonly series: readonly Series[];
  readonly from?: string;
  /** What a reader must know: rows that are not drawn. */
  readonly notes?: readonly string[];
}

/** More series are indistinguishable. */
export const maxSeries = 20;

export const cellsOf = (table: Table, name: string): Json[] => {
  const index = indexOf(table.columns, name);
  return table.rows.map((row) => row[index] ?? null);
};

const split = (names: readonly Json[], points: readonly Point[][]): Series[] => {
  const labels = labelsByKey(names);
  const rows = Map.groupBy(names.keys(), (row) => keyOf(names[row]));
  return [...rows].map(([key, members]) => ({
    name: labels.get(key) ?? key,
    points: members.flatMap((row) => points[row] ?? []),
  }));
};

const seriesOf = ({ y, series }: XYChart, table: Table, xs: readonly Json[], { places }: Places): Series[] => {
  // A row without a place on the x axis has no point.
  const pointAt = (cell: Json, row: number): Point[] => {
    const x = places[row] ?? null;
    return x === null ? [] : [{ x, y: numberOf(cell), cell: xs[row] ?? null, row, unreal: isUnreal(cell) }];
  };
  const pointsOf = (name: string): Point[][] => cellsOf(table, name).map(pointAt);
  const names = [y].flat();
  return series === undefined
    ? names.map((name) => ({ name, points: pointsOf(name).flat() }))
    : names.flatMap((name) => split(cellsOf(table, series), pointsOf(name)));
};

/** With names that leave room for a legend. */
const withShortNames = (series: readonly Series[], width: number): readonly Series[] => {
  const named = tellApart(series.map(({ name }) => name));
  const short = shortenAll(named, 12, width / (series.length > 8 ? 6 : 4));
  return series.map(({ points }, at) => ({ name: short[at] ?? '', points }));
};

const rowsInWords = (count: number): string => (count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`);

/** What to say about rows that are not drawn. @param what the column whose value they lack */
export const undrawn = (count: number, what: string): string[] =>
  count === 0 ? [] : [`${rowsInWords(count)} without ${what} not drawn`];

/** What to say about rows that are not drawn because this column is NaN or infinite in them. */
export const unreal = (count: number, what: string): string[] =>
  count === 0 ? [] : [`${rowsInWords(count)} whose ${what} is NaN or infinite not drawn`];

const notesOn = ({ x, y }: XYChart, { places }: Places, series: readonly Series[]): string[] => {
  const lost = undrawn(places.filter((place) => place === null).length, x);
  const points = series.flatMap((one) => one.points);
  const empty = points.length > 0 && points.every((point) => point.y === null && point.unreal !== true);
  const rows = new Set(points.filter((point) => point.unreal).map(({ row }) => row));
  return [
    ...lost,
    ...unreal(rows.size, [y].flat().join(', ')),
    ...(empty ? [`No values: ${[y].flat().join(', ')} is NULL in every row`] : []),
  ];
};

/**
 * The points of each series in the order of the rows.
 *
 * @throws TaskError `invalid_payload` when there are more than {@link maxSeries} series
 */
export const chartData = (chart: XYChart, table: Table): ChartData => {
  const xs = cellsOf(table, chart.x);
  const column = table.columns[indexOf(table.columns, chart.x)] ?? { name: chart.x, type: 'VARCHAR' };
  const standing = placesOf(xs, axisKind(column, xs));
  const series = seriesOf(chart, table, xs, standing);
  if (series.length > maxSeries) {
    throw invalidChart(`chart.series makes ${series.length} series: at most ${maxSeries} can be told apart`);
  }
  const { kind, from } = standing;
  const notes = notesOn(chart, standing, series);
  return { kind, series: withShortNames(series, chart.width), notes, ...(from !== undefined && { from }) };
};

/** All series aligned to the same x places. */
export interface Aligned {
  readonly places: readonly Place[];
  /** The cell at each place. */
  readonly cells: readonly Json[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** A category is known by its label, which tells it from all others. */
const cellOf = ({ cell, x }: Point, kind: AxisKind): Json => (kind === 'category' || cell === undefined ? x : cell);

const written = (point: Point, kind: AxisKind): string =>
  point.cell === undefined && kind === 'time' ? new Date(point.x).toISOString() : textOf(cellOf(point, kind));

const pointByKey = ({ name, points }: Series, kind: AxisKind): Map<string, Point> => {
  const found = new Map<string, Point>();
  for (const point of points) {
    const cell = cellOf(point, kind);
    if (found.has(keyOf(cell))) {
      throw invalidChart(
        `Several rows of ${name} have the x value ${written(point, kind)}: aggregate them in the SQL (GROUP BY), or name in chart.series the column that tells them apart`,
      );
    }
    found.set(keyOf(cell), point);
  }
  return found;
};

const inOrder = (one: Json, other: Json): number => {
  const [a, b] = [textOf(one), textOf(other)];
  return a.length - b.length || Number(a > b) - Number(a < b);
};

/**
 * Aligns the series. Times are sorted, and numbers too when there are several series, since no single order of rows fits
 * all of them; everything else keeps the order of the rows.
 *
 * @throws TaskError `invalid_payload` when a series has two rows at one place
 */
export const aligned = ({ kind, series }: ChartData, sortNumbers: boolean): Aligned => {
  const maps = series.map(({ name, points }) => ({ name, points: pointByKey({ name, points }, kind) }));
  const entries = maps.flatMap(({ points }) => [...points]);
  // A series may lack places that come before its own.
  const all = new Map(entries.sort(([, one], [, other]) => (one.row ?? 0) - (other.row ?? 0)));
  const keys = [...all].map(([key, point]) => ({ key, place: point.x, cell: cellOf(point, kind) }));
  const sorted = kind === 'time' || kind === 'year' || (kind === 'value' && (sortNumbers || series.length > 1));
  // Beyond 2^53 doubles are alike where digits are not.
  if (sorted) keys.sort((one, other) => Number(one.place) - Number(other.place) || inOrder(one.cell, other.cell));
  return {
    places: keys.map(({ place }) => place),
    cells: keys.map(({ cell }) => cell),
    series: maps.map(({ name, points }) => ({ name, values: keys.map(({ key }) => points.get(key)?.y ?? null) })),
  };
};

/** The error for rows that do not fit the chart. */
export const invalidChart = (message: string, details: Readonly<Record<string, unknown>> = {}): TaskError =>
  new TaskError('invalid_payload', message, { details });
