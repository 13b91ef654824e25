// From rows of times and values to a series with one value for each step, and what had to be said about it.
import type { Json } from '@pulser/charts';

import { durationInWords, findStep, type Step, stepInWords, stepsBetween, timeAfter } from './step.policy.js';

/** How the times of a series are written. */
export type TimeForm = 'date' | 'timestamp' | 'instant' | 'number';

/** Values of a time column and of a value column, row by row. */
export interface SeriesRows {
  readonly form: TimeForm;
  readonly cells: readonly (readonly [time: Json, value: Json])[];
}

/** A run of steps without a value. */
export interface Gap {
  readonly from: string | number;
  readonly to: string | number;
  readonly steps: number;
}

/** A series with one value for each step. */
export interface RegularSeries {
  readonly form: TimeForm;
  readonly step: Step;
  /** Of the first value: milliseconds since 1970, or a number. */
  readonly start: number;
  /** Values in between are on the line between their neighbours where `known` is false. */
  readonly values: readonly number[];
  readonly known: readonly boolean[];
  readonly gaps: readonly Gap[];
  readonly notes: readonly string[];
}

/** Why rows are no series; an answer for the client, not an exception of the program. */
export interface SeriesProblem {
  readonly code: 'invalid_payload' | 'irregular_series';
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The series is known to have fewer than two values, of which no step can be read. */
export interface NoSeries {
  readonly values: number;
}

export type SeriesOutcome =
  | { readonly kind: 'series'; readonly series: RegularSeries }
  | { readonly kind: 'too_short'; readonly none: NoSeries }
  | { readonly kind: 'problem'; readonly problem: SeriesProblem };

/** More missing steps than this share, and a forecast would be one of the line between the gaps. */
const maxMissingShare = 0.2;

const hasZone = /Z$|[+-]\d\d:\d\d$/;

const timeOf = (cell: Json, form: TimeForm): number | null => {
  if (cell === null) return null;
  if (form === 'number') return Number.isFinite(Number(cell)) ? Number(cell) : null;
  if (typeof cell !== 'string') return null;
  const time = Date.parse(form === 'date' || hasZone.test(cell) ? cell : `${cell}Z`);
  return Number.isNaN(time) ? null : time;
};

const valueOf = (cell: Json): number | null => {
  if (cell === null) return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
};

/** A time as its column writes it. */
export const timeInWords = (time: number, form: TimeForm): string | number => {
  if (form === 'number') return time;
  const iso = new Date(time).toISOString();
  if (form === 'date') return iso.slice(0, 10);
  const short = iso.replace(/\.000Z$/, '').replace(/Z$/, '');
  return form === 'instant' ? `${short}Z` : short;
};

/** The time of a value of the series, also of those after its end. */
export const timeAt = ({ step, start, form }: RegularSeries, index: number): string | number =>
  timeInWords(timeAfter(step, start, index), form);

const rowsInWords = (count: number): string => (count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`);

interface Point {
  readonly time: number;
  readonly value: number | null;
}

const pointsOf = ({ cells, form }: SeriesRows): { points: Point[]; notes: string[] } => {
  const points = cells.flatMap(([time, value]) => {
    const at = timeOf(time, form);
    return at === null ? [] : [{ time: at, value: valueOf(value) }];
  });
  const untimed = cells.length - points.length;
  const unreal = cells.filter(([, value]) => value !== null && valueOf(value) === null).length;
  return {
    points: points.sort((one, other) => one.time - other.time),
    notes: [
      ...(untimed === 0 ? [] : [`${rowsInWords(untimed)} without a time left out`]),
      ...(unreal === 0 ? [] : [`${rowsInWords(unreal)} whose value is NaN or infinite count as missing`]),
    ],
  };
};

const trimmed = (points: readonly Point[]): { kept: readonly Point[]; lead: number; tail: number } => {
  const first = points.findIndex(({ value }) => value !== null);
  const last = points.findLastIndex(({ value }) => value !== null);
  return first < 0
    ? { kept: [], lead: points.length, tail: 0 }
    : { kept: points.slice(first, last + 1), lead: first, tail: points.length - 1 - last };
};

const twice = (points: readonly Point[], form: TimeForm): SeriesProblem | undefined => {
  const at = points.findIndex(({ time }, index) => points[index + 1]?.time === time);
  const point = points[at];
  if (point === undefined) return undefined;
  const time = timeInWords(point.time, form);
  const count = points.filter((one) => one.time === point.time).length;
  return {
    code: 'invalid_payload',
    message: `${count} rows have the time ${time}: aggregate them in the SQL (GROUP BY the time), or keep one series of several with WHERE`,
    details: { time, rows: count },
  };
};

const stepsOf = (points: readonly Point[], areNumbers: boolean): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const [at, { time }] of points.slice(1).entries()) {
    const difference = time - (points[at]?.time ?? 0);
    const name = areNumbers ? String(difference) : durationInWords(difference);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one).slice(0, 5));
};

const irregular = (points: readonly Point[], form: TimeForm, message: string): SeriesProblem => ({
  code: 'irregular_series',
  message: `${message}: make one value for each step in the SQL, such as SELECT date_trunc('month', t)::DATE AS t, sum(y) AS y ... GROUP BY ALL`,
  details: { steps: stepsOf(points, form === 'number') },
});

/** Values by step; null where there is none. Undefined when a time is not on the grid. */
const onGrid = (points: readonly Point[], step: Step): (number | null)[] | undefined => {
  const start = points[0]?.time ?? 0;
  const indexes = points.map(({ time }) => stepsBetween(step, start, time));
  if (!indexes.every(Number.isInteger) || new Set(indexes).size < indexes.length) return undefined;
  // Weekdays and months swallow what lies within them.
  if (points.some(({ time }, at) => timeAfter(step, start, indexes[at] ?? 0) !== time)) return undefined;
  const length = (indexes.at(-1) ?? 0) + 1;
  if (length > points.length / (1 - maxMissingShare) + 1) return undefined;
  const values = Array.from<number | null>({ length }).fill(null);
  for (const [at, { value }] of points.entries()) values[indexes[at] ?? 0] = value;
  return values;
};

/** Puts what is missing on the line between its neighbours; the first and the last are known. */
const filled = (values: readonly (number | null)[]): number[] => {
  const whole: number[] = [];
  for (const [at, value] of values.entries()) {
    if (value === null) continue;
    const before = whole.at(-1) ?? value;
    const steps = at - whole.length + 1;
    while (whole.length < at) whole.push(before + ((value - before) * (steps - (at - whole.length))) / steps);
    whole.push(value);
  }
  return whole;
};

const gapsIn = (values: readonly (number | null)[], time: (index: number) => string | number): Gap[] => {
  const gaps: Gap[] = [];
  let from: number | undefined;
  for (const [at, value] of [...values, 0].entries()) {
    if (value === null) from ??= at;
    else if (from !== undefined) {
      gaps.push({ from: time(from), to: time(at - 1), steps: at - from });
      from = undefined;
    }
  }
  return gaps;
};

const trimNotes = (lead: number, tail: number): string[] => [
  ...(lead === 0 ? [] : [`${rowsInWords(lead)} without a value before the first one left out`]),
  ...(tail === 0 ? [] : [`${rowsInWords(tail)} without a value after the last one left out`]),
];

const gapNote = (missing: number, gaps: readonly Gap[]): string[] =>
  missing === 0
    ? []
    : [
        `${missing} of the steps have no value (${gaps.length === 1 ? '1 gap' : `${gaps.length} gaps`}): put on the line between their neighbours, and never counted in an error`,
      ];

const ofGrid = (form: TimeForm, step: Step, points: readonly Point[], notes: string[]): SeriesOutcome => {
  const values = onGrid(points, step);
  if (values === undefined) {
    return { kind: 'problem', problem: irregular(points, form, `The times are not ${stepInWords(step)} apart`) };
  }
  const missing = values.filter((value) => value === null).length;
  if (missing > values.length * maxMissingShare) {
    const message = `${missing} of ${values.length} steps of ${stepInWords(step)} have no value`;
    return { kind: 'problem', problem: irregular(points, form, message) };
  }
  const start = points[0]?.time ?? 0;
  const gaps = gapsIn(values, (index) => timeInWords(timeAfter(step, start, index), form));
  const known = values.map((value) => value !== null);
  const said = [...notes, ...gapNote(missing, gaps)];
  return { kind: 'series', series: { form, step, start, values: filled(values), known, gaps, notes: said } };
};

/**
 * Orders rows in time, finds their step and fills what is missing in between. Never guesses where that would hide
 * something: two rows of one time and times off the grid are problems.
 */
export const regularSeries = (rows: SeriesRows): SeriesOutcome => {
  const { points, notes } = pointsOf(rows);
  const doubled = twice(points, rows.form);
  if (doubled !== undefined) return { kind: 'problem', problem: doubled };
  const { kept, lead, tail } = trimmed(points);
  if (kept.length < 2) return { kind: 'too_short', none: { values: kept.length } };
  const step = findStep(
    kept.map(({ time }) => time),
    rows.form === 'number',
  );
  return ofGrid(rows.form, step, kept, [...notes, ...trimNotes(lead, tail)]);
};
