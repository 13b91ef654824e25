// Which type a column of texts has: never one that loses something of a value.
import type { DateReader } from './date-format.policy.js';
import { looksLikeVersions, numberText, type NumberStyle, numericType, scaledUnits } from './numbers.policy.js';
import type { Warning } from './report.js';
import { type DateOrder, type TimeText, timeText } from './times.policy.js';

/**
 * A value as its SQL type wants it: BOOLEAN boolean; BIGINT, HUGEINT bigint; DOUBLE number; DECIMAL its units as bigint;
 * DATE days since 1970 as number; TIME, TIMESTAMP and TIMESTAMPTZ microseconds, TIMESTAMP_NS nanoseconds, as bigint;
 * VARCHAR and JSON string.
 */
export type Cell = string | number | bigint | boolean | null;

export type DecidedBy = 'option' | 'values' | 'kept_as_text';

export interface Decision {
  /** SQL type. */
  readonly type: string;
  readonly decidedBy: DecidedBy;
  readonly convert: (text: string) => Cell;
  readonly warning?: Pick<Warning, 'code' | 'message'>;
  /** What was guessed about the column, to be said after its name. */
  readonly guess?: string;
  /** Text for want of a proof: more values may give it another type. */
  readonly open?: boolean;
}

/** What the texts of a column may be. */
export interface Reading {
  /** Undefined: numbers are text, as in strings of JSON. */
  readonly numbers: NumberStyle | undefined;
  readonly dates: DateReader | undefined;
  /** The line of a row, for messages. */
  readonly lineOf: (row: number) => number;
}

interface Seen {
  readonly count: number;
  readonly example: string;
  readonly row: number;
}

const text = (decidedBy: DecidedBy, warning?: Decision['warning']): Decision => ({
  type: 'VARCHAR',
  decidedBy,
  convert: (value) => value,
  ...(warning === undefined ? {} : { warning }),
});

const shown = (value: string): string => `'${value.length > 40 ? `${value.slice(0, 40).toWellFormed()}...` : value}'`;

const keptAsText = (reason: string): Decision => text('kept_as_text', { code: 'kept_as_text', message: reason });

const trues = new Set(['true', 'True', 'TRUE']);
const falses = new Set(['false', 'False', 'FALSE']);

/** Everything known about the values of a column, each looked at once. */
class Survey {
  readonly plains: string[] = [];
  readonly times: TimeText[] = [];
  readonly rowsOfTimes: number[] = [];
  whole = true;
  grouped = 0;
  proved = 0;
  total = 0;
  private readonly seen = new Map<string, Seen>();
  private readonly reading: Reading;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  look(raw: string, row: number): void {
    const value = raw.trim();
    // In JSON an empty text is a value: null is written otherwise.
    if (value === '' && this.reading.numbers !== undefined) return;
    this.total += 1;
    const kind = this.kindOf(value, row);
    const before = this.seen.get(kind);
    this.seen.set(
      kind,
      before === undefined ? { count: 1, example: value, row } : { ...before, count: before.count + 1 },
    );
  }

  count(kind: string): number {
    return this.seen.get(kind)?.count ?? 0;
  }

  get kinds(): readonly (readonly [string, Seen])[] {
    return [...this.seen];
  }

  private kindOf(value: string, row: number): string {
    const time = this.reading.dates?.(value) ?? timeText(value);
    if (time !== undefined) {
      this.times.push(time);
      this.rowsOfTimes.push(row);
      return time.kind;
    }
    if (trues.has(value) || falses.has(value)) return 'boolean';
    return this.reading.numbers === undefined ? 'text' : this.numberKind(value, this.reading.numbers);
  }

  private numberKind(value: string, style: NumberStyle): string {
    const number = numberText(value, style);
    if (number === undefined) return looksNumeric(value) ? 'separators' : 'text';
    if (number.kind === 'code') return number.loss;
    this.plains.push(number.plain);
    this.whole &&= number.whole;
    if (number.grouped) this.grouped += 1;
    else if (!number.whole || value.includes('.')) this.proved += 1;
    return 'number';
  }
}

const losses = ['leading zeros', 'plus signs', 'a code like 1E5', 'separators'];

const looksNumeric = (value: string): boolean =>
  (['.', ','] as const).some((decimal) => numberText(value, { decimal, certain: true })?.kind === 'number');

/** How values of a numeric SQL type are made of their texts. */
export const numericCell = (type: string, plain: string): Cell => {
  if (type === 'BIGINT' || type === 'HUGEINT') return BigInt(plain);
  if (type === 'DOUBLE') return Number(plain);
  const [precision = 38, scale = 0] = (type.match(/\d+/g) ?? []).map(Number);
  return scaledUnits(plain, precision, scale) ?? null;
};

const numbersOf = (survey: Survey, style: NumberStyle): Decision => {
  if (survey.grouped > 0 && survey.proved === 0) {
    return { ...keptAsText('Points or blanks may separate thousands, or not: say decimal'), open: true };
  }
  if (looksLikeVersions(survey.plains)) {
    return { ...keptAsText('Values like 1.9 and 1.10 would meet as numbers'), open: true };
  }
  const type = numericType(survey.plains, survey.whole);
  if (type === undefined) return keptAsText('No numeric type holds all the digits');
  return {
    type,
    decidedBy: 'values',
    convert: (value) => {
      const number = numberText(value.trim(), style);
      return number?.kind === 'number' ? numericCell(type, number.plain) : null;
    },
  };
};

/** Whether no row tells day and month apart, and one needs to. */
const isUnproved = ({ times }: Pick<Survey, 'times'>): boolean =>
  times.every(({ orders }) => orders?.length !== 1) &&
  times.some(({ orders, same }) => orders !== undefined && same !== true);

const ambiguous = (message: string): Decision => text('kept_as_text', { code: 'ambiguous_dates', message });

/** The order that all rows allow, or why there is none. */
const orderOf = ({ times, rowsOfTimes }: Survey, { lineOf }: Reading): DateOrder | Decision => {
  const only = (order: DateOrder): number =>
    times.findIndex(({ orders }) => orders?.length === 1 && orders[0] === order);
  const [dmy, mdy] = [only('DMY'), only('MDY')];
  if (dmy >= 0 && mdy >= 0) {
    const [one, other] = [dmy, mdy].map((index) => lineOf(rowsOfTimes[index] ?? 0));
    return ambiguous(`Day and month are in contradictory order on lines ${one} and ${other}: kept as text`);
  }
  if (dmy >= 0) return 'DMY';
  if (mdy >= 0) return 'MDY';
  if (!isUnproved({ times }) || times.every(({ style }) => style.startsWith('.'))) return 'DMY';
  return {
    ...ambiguous('Day and month may stand in either order in every row: kept as text; say date_format'),
    open: true,
  };
};

/** The order of day and month in a column, if its rows tell one. */
export const dateOrderOf = (values: readonly (string | null)[], reading: Reading): DateOrder | undefined => {
  const survey = new Survey(reading);
  values.forEach((value, row) => {
    if (value !== null) survey.look(value, row);
  });
  const order = orderOf(survey, reading);
  return typeof order === 'string' ? order : undefined;
};

const microTypes = { timestamp: 'TIMESTAMP', instant: 'TIMESTAMP WITH TIME ZONE', time: 'TIME', date: 'DATE' } as const;
const dayNanos = 86_400_000_000_000n;
// What a TIMESTAMP_NS holds, in full years.
const nsMax = 9_214_646_400_000_000_000n;

/** A time as its SQL type wants it. */
export const timeCell = (type: string, time: TimeText, order: DateOrder): Cell => {
  const nanos = time.nanos(order);
  if (type === 'DATE') return Number(nanos / dayNanos);
  if (type === 'TIMESTAMP_NS') return nanos;
  return nanos / 1_000n;
};

const timeType = (survey: Survey, kind: TimeText['kind'], order: DateOrder): string | undefined => {
  const precision = survey.times.reduce((max, time) => Math.max(max, time.precision), 0);
  if (precision <= 6) return microTypes[kind];
  const fits = survey.times.every((time) => time.nanos(order) < nsMax && time.nanos(order) > -nsMax);
  return kind === 'timestamp' && fits ? 'TIMESTAMP_NS' : undefined;
};

const timesOf = (survey: Survey, kind: TimeText['kind'], reading: Reading): Decision => {
  if (new Set(survey.times.map(({ style }) => style)).size > 1) {
    return text('kept_as_text', { code: 'mixed_types', message: 'Dates are written in several ways: kept as text' });
  }
  const order = orderOf(survey, reading);
  if (typeof order === 'object') return order;
  const type = timeType(survey, kind, order);
  if (type === undefined) return keptAsText('No type for times holds all the digits');
  const parse = (value: string): TimeText | undefined => reading.dates?.(value) ?? timeText(value);
  return {
    type,
    decidedBy: survey.times[0]?.style === 'given' ? 'option' : 'values',
    ...(order === 'DMY' && isUnproved(survey)
      ? { guess: 'the day stands before the month, as usual with points' }
      : {}),
    convert: (value) => {
      const time = parse(value.trim());
      return time === undefined ? null : timeCell(type, time, order);
    },
  };
};

const booleans: Decision = {
  type: 'BOOLEAN',
  decidedBy: 'values',
  convert: (value) => (value.trim() === '' ? null : trues.has(value.trim())),
};

/** A column that most values would make a number or date, or why it is plainly text. */
const mixed = (survey: Survey, { lineOf }: Reading): Decision => {
  const loss = losses.find((name) => survey.count(name) > 0);
  const lossy = losses.reduce((sum, name) => sum + survey.count(name), 0);
  if (loss !== undefined && lossy + survey.count('number') === survey.total) {
    return keptAsText(
      loss === 'separators'
        ? 'Points and commas in the numbers are not clear: kept as text; say decimal'
        : `As numbers the values would lose ${loss}: kept as text`,
    );
  }
  const [most] = [...survey.kinds].sort(([, one], [, other]) => other.count - one.count);
  const typed = survey.kinds.filter(([kind]) => kind !== 'text' && !losses.includes(kind));
  if (most === undefined || typed.length === 0 || (most[0] === 'text' && most[1].count * 2 > survey.total)) {
    return text('values');
  }
  const [odd] = [...survey.kinds].sort(([, one], [, other]) => one.count - other.count);
  const where = odd === undefined ? '' : `, such as ${shown(odd[1].example)} on line ${lineOf(odd[1].row)}`;
  const message = `${survey.total - most[1].count} of ${survey.total} values differ in kind from the others${where}: kept as text`;
  return text('kept_as_text', { code: 'mixed_types', message });
};

/** Decides on all values of a column; null ones and blank ones do not count. */
export const decideType = (values: readonly (string | null)[], reading: Reading): Decision => {
  const survey = new Survey(reading);
  values.forEach((value, row) => {
    if (value !== null) survey.look(value, row);
  });
  const { total } = survey;
  if (total === 0) return { ...text('values'), open: true };
  if (survey.count('boolean') === total) return booleans;
  if (survey.count('number') === total && reading.numbers !== undefined) return numbersOf(survey, reading.numbers);
  const kind = (['date', 'timestamp', 'instant', 'time'] as const).find((name) => survey.count(name) === total);
  return kind === undefined ? mixed(survey, reading) : timesOf(survey, kind, reading);
};
