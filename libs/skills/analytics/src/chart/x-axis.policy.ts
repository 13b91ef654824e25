import type { Json } from '@duckdb/node-api';

import { labelOf, numberOf, timeOf } from './cell.policy.js';
import { isNumeric, isTemporal, type Column } from './columns.policy.js';

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

/** Where a cell stands; null when it has no place on such an axis. */
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
