// Dates and times as text.

/** Days, months and years in the order of a text. */
export type DateOrder = 'DMY' | 'MDY';

export interface TimeText {
  readonly kind: 'date' | 'timestamp' | 'instant' | 'time';
  /** How it is written; a column that mixes styles stays text. */
  readonly style: string;
  /** Which orders of day and month give a day of the calendar; undefined for year first. */
  readonly orders?: readonly DateOrder[];
  /** Whether both orders give the same day. */
  readonly same?: boolean;
  /** Nanoseconds since 1970 or midnight; of an instant in UTC. */
  readonly nanos: (order: DateOrder) => bigint;
  /** Digits of the fraction of a second without zeros at the end. */
  readonly precision: number;
}

const second = 1_000_000_000n;
const day = 86_400n * second;

/** Days from 1970-01-01 in the Gregorian calendar, also before it came into use (Howard Hinnant, chrono algorithms). */
export const daysFromCivil = (year: number, month: number, dayOfMonth: number): number => {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
};

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Whether this is a day of the years 1 to 9999. */
export const isDay = (year: number, month: number, dayOfMonth: number): boolean => {
  const length = month === 2 && isLeap(year) ? 29 : (lengths[month - 1] ?? 0);
  return year >= 1 && year <= 9999 && dayOfMonth >= 1 && dayOfMonth <= length;
};

interface Clock {
  readonly nanos: bigint;
  readonly precision: number;
  readonly zone: string | undefined;
}

const clockPattern =
  /^(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?|UTC)?$/;

const hourOf = (hour: number, half: string | undefined): number => {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return 99;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
};

const clock = (text: string): Clock | undefined => {
  const match = clockPattern.exec(text);
  if (match === null) return undefined;
  const [, hours = '', minutes = '', seconds = '0', fraction = '', half, zone] = match;
  const hour = hourOf(Number(hours), half);
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = BigInt(hour * 3600 + Number(minutes) * 60 + Number(seconds)) * second;
  return { nanos: whole + BigInt(fraction.padEnd(9, '0')), precision: fraction.replace(/0+$/, '').length, zone };
};

/** Nanoseconds east of UTC; undefined beyond what zones have. */
const offsetOf = (zone: string): bigint | undefined => {
  if (/^(z|utc)$/i.test(zone)) return 0n;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 15 || minutes > 59) return undefined;
  const nanos = BigInt(hours * 3600 + minutes * 60) * second;
  return zone.startsWith('-') ? -nanos : nanos;
};

type Day = Pick<TimeText, 'style' | 'orders' | 'same'> & { readonly days: (order: DateOrder) => number };

const yearFirst = /^(\d{4})([-/.])(\d\d?)\2(\d\d?)$/;
const yearLast = /^(\d\d?)([-/.])(\d\d?)\2(\d{4})$/;

const dayYearFirst = (text: string): Day | undefined => {
  const match = yearFirst.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, date = 0] = [match[1], match[3], match[4]].map(Number);
  if (!isDay(year, month, date)) return undefined;
  return { style: `Y${match[2]}`, days: () => daysFromCivil(year, month, date) };
};

const dayYearLast = (text: string): Day | undefined => {
  const match = yearLast.exec(text);
  if (match === null) return undefined;
  const separator = match[2] ?? '';
  const [first = 0, middle = 0, year = 0] = [match[1], match[3], match[4]].map(Number);
  const orders: DateOrder[] = [];
  if (isDay(year, middle, first)) orders.push('DMY');
  if (isDay(year, first, middle)) orders.push('MDY');
  if (orders.length === 0) return undefined;
  const days = (order: DateOrder): number =>
    order === 'DMY' ? daysFromCivil(year, middle, first) : daysFromCivil(year, first, middle);
  return { style: separator, orders, same: first === middle, days };
};

const dayOf = (text: string): Day | undefined => dayYearFirst(text) ?? dayYearLast(text);

const atClock = (date: Day, time: Clock): TimeText | undefined => {
  const offset = time.zone === undefined ? 0n : offsetOf(time.zone);
  if (offset === undefined) return undefined;
  return {
    ...date,
    kind: time.zone === undefined ? 'timestamp' : 'instant',
    nanos: (order) => BigInt(date.days(order)) * day + time.nanos - offset,
    precision: time.precision,
  };
};

/**
 * Reads ISO dates and times and those with the year last, like `31.12.1999 23:59`. Years have four digits.
 *
 * @param text without blanks around it
 * @returns undefined for anything else, and for what no calendar or clock shows
 */
export const timeText = (text: string): TimeText | undefined => {
  // Longer than any, so that the patterns see short texts only.
  if (text.length < 4 || text.length > 40) return undefined;
  const split = text.search(/[T ]/);
  const date = dayOf(split < 0 ? text : text.slice(0, split));
  if (date !== undefined) {
    if (split < 0) return { ...date, kind: 'date', nanos: (order) => BigInt(date.days(order)) * day, precision: 0 };
    const time = clock(text.slice(split + 1));
    return time === undefined ? undefined : atClock(date, time);
  }
  const time = clock(text);
  // Without two digits for the hour it may be a duration or a score.
  if (time === undefined || time.zone !== undefined || !/^\d\d:/.test(text) || /m/i.test(text)) return undefined;
  return { kind: 'time', style: ':', nanos: () => time.nanos, precision: time.precision };
};
