// The step of a series: how far apart its times are, and where each stands on the grid that they make.

const dayMs = 86_400_000;

/** How far apart the times of a series are. */
export type Step =
  | { readonly unit: 'month'; readonly count: number; readonly atEnd: boolean }
  | { readonly unit: 'weekday' }
  | { readonly unit: 'ms'; readonly count: number }
  /** Times that are plain numbers, such as years. */
  | { readonly unit: 'number'; readonly count: number };

/** The number that stands most often in a list, the smallest of several. */
const mostFrequent = (values: readonly number[]): number => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, one) =>
    one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best,
  )[0];
};

const differences = (values: readonly number[]): number[] =>
  values.slice(1).map((value, at) => value - (values[at] ?? 0));

const monthOf = (time: number): number => {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};

const timeOfDay = (time: number): number => ((time % dayMs) + dayMs) % dayMs;
const dayOfMonth = (time: number): number => new Date(time).getUTCDate();
const isMonthEnd = (time: number): boolean => dayOfMonth(time + dayMs) === 1;
/** 0 for Sunday. */
const dayOfWeek = (time: number): number => new Date(time).getUTCDay();

const all = <T>(values: readonly number[], property: (value: number) => T): boolean =>
  values.every((value) => property(value) === property(values[0] ?? 0));

const monthStep = (times: readonly number[]): Step | undefined => {
  if (!all(times, timeOfDay)) return undefined;
  const atEnd = times.every(isMonthEnd);
  if (!atEnd && !all(times, dayOfMonth)) return undefined;
  const months = differences(times.map(monthOf));
  return months.includes(0) ? undefined : { unit: 'month', count: mostFrequent(months), atEnd };
};

const isWeekend = (time: number): boolean => dayOfWeek(time) % 6 === 0;

/** Days of a week from Monday to Friday, twice: fewer may lack the weekend by chance. */
const enoughWeekdays = 10;

/**
 * The step that most neighbours have.
 * @param times in ascending order and distinct, at least two: milliseconds since 1970, or numbers
 */
export const findStep = (times: readonly number[], areNumbers: boolean): Step => {
  const count = mostFrequent(differences(times));
  if (areNumbers) return { unit: 'number', count };
  const months = monthStep(times);
  if (months !== undefined) return months;
  const onWeekdays = count === dayMs && times.length >= enoughWeekdays && !times.some(isWeekend);
  return onWeekdays && all(times, timeOfDay) ? { unit: 'weekday' } : { unit: 'ms', count };
};

/** Weekdays since Monday, 5 January 1970. */
const weekdayIndex = (time: number): number => {
  const days = Math.floor(time / dayMs) - 4;
  return Math.floor(days / 7) * 5 + Math.min(5, ((days % 7) + 7) % 7);
};

const weekdayTime = (index: number): number => (Math.floor(index / 5) * 7 + (((index % 5) + 5) % 5) + 4) * dayMs;

/** Steps between two times; no whole number when they are not on one grid. */
export const stepsBetween = (step: Step, from: number, to: number): number => {
  switch (step.unit) {
    case 'month':
      return (monthOf(to) - monthOf(from)) / step.count;
    case 'weekday':
      return weekdayIndex(to) - weekdayIndex(from);
    case 'ms':
    case 'number':
      return (to - from) / step.count;
  }
};

const monthTime = (from: number, months: number, atEnd: boolean): number => {
  const month = monthOf(from) + months;
  const start = Date.UTC(Math.floor(month / 12), month % 12, 1);
  const length = new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate();
  const day = atEnd ? length : Math.min(dayOfMonth(from), length);
  return start + (day - 1) * dayMs + timeOfDay(from);
};

/** The time so many steps after another. */
export const timeAfter = (step: Step, from: number, steps: number): number => {
  switch (step.unit) {
    case 'month':
      return monthTime(from, steps * step.count, step.atEnd);
    case 'weekday':
      return weekdayTime(weekdayIndex(from) + steps) + timeOfDay(from);
    case 'ms':
    case 'number':
      return from + steps * step.count;
  }
};

const named: readonly (readonly [number, string])[] = [
  [7 * dayMs, 'week'],
  [dayMs, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
  [1, 'millisecond'],
];

const counted = (count: number, name: string): string => (count === 1 ? `1 ${name}` : `${count} ${name}s`);

/** A length of time in its largest whole unit. */
export const durationInWords = (ms: number): string => {
  const [unit, name] = named.find(([size]) => ms % size === 0) ?? [1, 'millisecond'];
  return counted(ms / unit, name);
};

export const stepInWords = (step: Step): string => {
  switch (step.unit) {
    case 'month':
      return step.count % 12 === 0 ? counted(step.count / 12, 'year') : counted(step.count, 'month');
    case 'weekday':
      return '1 weekday (Monday to Friday)';
    case 'ms':
      return durationInWords(step.count);
    case 'number':
      return String(step.count);
  }
};

/** Lengths of a season that the calendar suggests, in steps, the shortest first. */
export const calendarSeasons = (step: Step): readonly number[] => {
  switch (step.unit) {
    case 'month':
      return [12 / step.count].filter((length) => Number.isInteger(length) && length >= 2);
    case 'weekday':
      return [5];
    case 'ms':
      if (step.count === 7 * dayMs) return [52];
      return step.count === dayMs
        ? [7, 365]
        : [dayMs / step.count, (7 * dayMs) / step.count].filter((length) => Number.isInteger(length) && length >= 2);
    case 'number':
      return [];
  }
};
