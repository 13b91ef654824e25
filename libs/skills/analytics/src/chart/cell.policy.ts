import type { Json } from '@duckdb/node-api';

/** A numeric cell, which may be a string of digits; beyond 2^53 the chart cannot tell neighbours apart anyway. */
export const numberOf = (cell: Json | undefined): number | null => {
  if (cell === null || cell === undefined) return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
};

const hasZone = /Z$|^[+-]?\d+-\d\d-\d\d$/;

/** Milliseconds since 1970 of an ISO 8601 cell; a time without zone is taken as UTC. */
export const timeOf = (cell: Json | undefined): number | null => {
  if (typeof cell !== 'string') return null;
  const time = Date.parse(hasZone.test(cell) ? cell : `${cell}Z`);
  return Number.isNaN(time) ? null : time;
};

/** How a cell names a category or a series. */
export const labelOf = (cell: Json | undefined): string => {
  if (cell === null || cell === undefined) return '(none)';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell).trim() || '(empty)';
};
