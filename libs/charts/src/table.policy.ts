// The result of a query as the chart reads it: columns, rows, cells. Loaded by the sandbox process too: npm packages and
// relative files only.

import type { Chart } from './chart-input.js';

/** A cell: any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Column {
  readonly name: string;
  /** SQL type. */
  readonly type: string;
}

/** The drawn rows of a result. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Json[])[];
}

const numeric = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|BIGNUM|DECIMAL\(.*\))$/;
const temporal = /^(DATE|TIMESTAMP.*)$/;

export const isNumeric = (column: Column): boolean => numeric.test(column.type);
export const isTemporal = (column: Column): boolean => temporal.test(column.type);

/** Index of the first column of this name; as in SQL, case counts only when it must. */
export const indexOf = (columns: readonly Column[], name: string): number => {
  const exact = columns.findIndex((column) => column.name === name);
  return exact >= 0 ? exact : columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
};

interface Use {
  readonly field: string;
  readonly name: string;
  readonly mustBeNumeric: boolean;
}

const usesOf = (chart: Chart): Use[] => {
  const x = { field: 'x', name: chart.x, mustBeNumeric: chart.kind === 'histogram' };
  if (chart.kind === 'histogram') return [x];
  if (chart.kind === 'heatmap') {
    const value = { field: 'value', name: chart.value, mustBeNumeric: true };
    return [x, { field: 'y', name: chart.y, mustBeNumeric: false }, value];
  }
  const y = [chart.y].flat().map((name) => ({ field: 'y', name, mustBeNumeric: true }));
  const series = chart.kind === 'pie' ? undefined : chart.series;
  return [x, ...y, ...(series === undefined ? [] : [{ field: 'series', name: series, mustBeNumeric: false }])];
};

const problemOf = ({ field, name, mustBeNumeric }: Use, columns: readonly Column[]): string | undefined => {
  const column = columns[indexOf(columns, name)];
  if (column === undefined) return `chart.${field} names the column ${name}, which the query does not return`;
  if (mustBeNumeric && !isNumeric(column)) return `chart.${field} needs a numeric column: ${name} is ${column.type}`;
  return undefined;
};

/** A fault of a chart's input, in the shape of a TaskError. */
export interface ChartProblem {
  readonly code: 'invalid_payload';
  readonly message: string;
  readonly details: { readonly columns: readonly Column[] };
}

/** Why this chart cannot be drawn from these columns, or undefined. */
export const chartProblem = (chart: Chart, columns: readonly Column[]): ChartProblem | undefined => {
  const [message] = usesOf(chart).flatMap((use) => problemOf(use, columns) ?? []);
  return message === undefined ? undefined : { code: 'invalid_payload', message, details: { columns } };
};

/** A numeric cell, which may be a string of digits; beyond 2^53 neighbours become one number: see labels.policy.ts. */
export const numberOf = (cell: Json | undefined): number | null => {
  if (cell === null || cell === undefined) return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
};

/** NaN or infinite: a value, but none that a chart can draw. */
export const isUnreal = (cell: Json | undefined): boolean =>
  cell !== null && cell !== undefined && numberOf(cell) === null;

const hasZone = /Z$|^[+-]?\d+-\d\d-\d\d$/;

/** Milliseconds since 1970 of an ISO 8601 cell; a time without zone is taken as UTC. */
export const timeOf = (cell: Json | undefined): number | null => {
  if (typeof cell !== 'string') return null;
  const time = Date.parse(hasZone.test(cell) ? cell : `${cell}Z`);
  return Number.isNaN(time) ? null : time;
};

/** A cell as it is written. */
export const textOf = (cell: Json): string => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell));

/** How a cell names a category or a series, in one line. Distinct cells may have one label: see `labelsByKey`. */
export const labelOf = (cell: Json | undefined): string => {
  if (cell === null || cell === undefined) return '(none)';
  return textOf(cell).replaceAll(/\s+/gu, ' ').trim() || '(empty)';
};
