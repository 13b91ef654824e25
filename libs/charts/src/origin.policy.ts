// Numbers and times that lie too close together for a double, or for labels: an axis shows how far they are from an origin.

import { type Json, numberOf, textOf, timeOf } from './table.policy.js';

/** Where cells stand on an axis. */
export interface Positions {
  /** Null for a cell that has no place. */
  readonly values: readonly (number | null)[];
  /** What the axis says behind its name. */
  readonly from: string | undefined;
}

/** The smallest and the largest of them; infinite when there is none. */
export const spanOf = (values: readonly (number | null)[]): { readonly min: number; readonly max: number } => {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max };
};

/** Labels have a few digits: 1,000,000,007 and 1,000,000,008 would both be 1 billion. */
const closeNumbers = 1e-7;
/** Beyond it a lone number is written in full. */
const longNumber = 1e12;

const areClose = ({ min, max }: { readonly min: number; readonly max: number }): boolean => {
  const largest = Math.max(Math.abs(min), Math.abs(max));
  return max > min ? max - min < largest * closeNumbers : min === max && largest >= longNumber;
};

const digits = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** What is left of a cell after the origin is taken away, exact before it becomes a double. */
const differenceOf = (cell: Json, origin: bigint): number => {
  const [, sign = '', whole, decimals = ''] = digits.exec(textOf(cell)) ?? [];
  // Written with an exponent: a double, of which a near one can be taken away without loss.
  if (whole === undefined) return Number(cell) - Number(origin);
  const negative = sign === '-';
  const fraction = Number(`0.${decimals}`);
  return Number(BigInt(negative ? `-${whole}` : whole) - origin) + (negative ? -fraction : fraction);
};

const wholeOf = (cell: Json): bigint => {
  const [, sign = '', whole] = digits.exec(textOf(cell)) ?? [];
  return whole === undefined ? BigInt(Math.floor(Number(cell))) : BigInt(`${sign === '-' ? '-' : ''}${whole}`);
};

const smallest = (one: bigint, other: bigint): bigint => (other < one ? other : one);

/** How numeric cells become places on an axis. */
export interface NumberScale {
  readonly at: (cell: Json | undefined) => number | null;
  readonly from: string | undefined;
}

/** By their values, or by how far they are above a whole number that they all nearly are. */
export const numberScale = (cells: readonly Json[]): NumberScale => {
  const values = cells.map(numberOf);
  if (!areClose(spanOf(values))) return { at: numberOf, from: undefined };
  const origin = cells.flatMap((cell, at) => (values[at] === null ? [] : [wholeOf(cell)])).reduce(smallest);
  return {
    at: (cell) => (cell === undefined || numberOf(cell) === null ? null : differenceOf(cell, origin)),
    from: `minus ${origin.toLocaleString('en')}`,
  };
};

/** The places of numeric cells. */
export const numberPositions = (cells: readonly Json[]): Positions => {
  const { at, from } = numberScale(cells);
  return { values: cells.map(at), from };
};

/** Milliseconds below which the axis of times, whose labels end with them, has no two labels. */
const closeTimes = 10;

const units = [
  { word: 'µs', perSecond: 1e6 },
  { word: 'ns', perSecond: 1e9 },
] as const;

/** Seconds after the last full one of an ISO time, with up to nine decimals. */
const fractionOf = (cell: Json): string => /\.(\d+)/.exec(textOf(cell))?.[1] ?? '0';

const fullSecond = (time: number): number => Math.floor(time / 1_000) * 1_000;

/** The places of times: milliseconds since 1970, or micro- or nanoseconds after the second in which they begin. */
export const timePositions = (cells: readonly Json[]): Positions => {
  const values = cells.map(timeOf);
  const { min, max } = spanOf(values);
  const fractions = cells.map(fractionOf);
  const longest = Math.max(0, ...fractions.map((fraction) => fraction.length));
  if (!(max - min < closeTimes) || longest <= 3) return { values, from: undefined };
  const { word, perSecond } = units[longest <= 6 ? 0 : 1];
  const start = fullSecond(min);
  const after = (time: number, fraction: string): number =>
    ((fullSecond(time) - start) / 1_000) * perSecond + Math.round(Number(`0.${fraction}`) * perSecond);
  return {
    values: values.map((time, at) => (time === null ? null : after(time, fractions[at] ?? '0'))),
    from: `${word} after ${new Date(start).toISOString().slice(0, 19).replace('T', ' ')}`,
  };
};
