// Types of columns of a large CSV file, as tests in SQL that prove what `decideType` would find.
import type { Decision, PlannedColumn } from '@pulser/tabular';

/**
 * How the values of a column are tested. A value that `regular` knows is converted by `cast`, without loss; it gives a
 * bit: {@link bits}. Any other value is odd: it is looked at in JavaScript, as those of a small file.
 */
export interface ColumnTest {
  /** An expression that is one of {@link bits}, or NULL for an odd value. */
  readonly regular: (text: string) => string;
  readonly cast: (text: string, type: string) => string;
}

/**
 * What numbers are: whole and exact as a double; whole; whole of 128 bits; with a point and exact as a double. Of the last
 * also how many digits stand behind the point (a bit for each from 1 to 15), and whether zeros end them.
 */
export const bits = { small: 1, whole: 2, huge: 4, decimal: 8, digits: 16, padded: 1 << 20 } as const;

const plainCast = (text: string, type: string): string => `CAST(${text} AS ${type})`;

// At most 15 digits survive as a double, whatever they are.
const decimalText = (text: string): string =>
  `length(${text}) <= 16 AND regexp_full_match(${text}, '-?(0|[1-9][0-9]*)?\\.[0-9]+')`;
const whole = (text: string): string => `TRY_CAST(${text} AS BIGINT)::VARCHAR = ${text}`;
const huge = (text: string): string => `length(${text}) <= 39 AND TRY_CAST(${text} AS HUGEINT)::VARCHAR = ${text}`;
const wholeBit = (text: string): string =>
  `if(length(${text}) <= 15 OR abs(TRY_CAST(${text} AS BIGINT)::HUGEINT) <= 9007199254740992, ${bits.small}, ${bits.whole})`;
// Only of those that could be versions, such as 1.10.
const digitBits = (text: string): string =>
  `CASE WHEN starts_with(${text}, '-') OR starts_with(${text}, '.') THEN 0 ELSE (${bits.digits / 2} << (length(${text}) - strpos(${text}, '.'))::INTEGER) | if(length(${text}) - strpos(${text}, '.') > 1 AND ends_with(${text}, '0'), ${bits.padded}, 0) END`;

const numbers = (decimalsFirst: boolean): ColumnTest => ({
  regular: (text) => {
    const arms = [
      `WHEN ${decimalText(text)} THEN ${bits.decimal} | ${digitBits(text)}`,
      `WHEN ${whole(text)} THEN ${wholeBit(text)}`,
    ];
    return `CASE ${(decimalsFirst ? arms : arms.reverse()).join(' ')} WHEN ${huge(text)} THEN ${bits.huge} END`;
  },
  cast: plainCast,
});

const date = '\\d{4}-\\d\\d-\\d\\d';
const clock = '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6})?)?';
const zone = '(Z|[+-](0\\d|1[0-5]):[0-5]\\d)';

const matching = (pattern: string, type: string): ColumnTest => ({
  // The pattern has no year 0, and the cast knows the calendar.
  regular: (text) =>
    `CASE WHEN regexp_full_match(${text}, '${pattern}') AND NOT starts_with(${text}, '0000') AND TRY_CAST(${text} AS ${type}) IS NOT NULL THEN 1 END`,
  cast: plainCast,
});

const dates: ColumnTest = {
  regular: (text) =>
    `CASE WHEN TRY_CAST(${text} AS DATE)::VARCHAR = ${text} AND length(${text}) = 10 AND NOT starts_with(${text}, '0000') THEN 1 END`,
  cast: plainCast,
};

const booleans: ColumnTest = {
  regular: (text) => `CASE WHEN ${text} IN ('true', 'false', 'True', 'False', 'TRUE', 'FALSE') THEN 1 END`,
  cast: plainCast,
};

const isoFirst = /^\d{4}-/;

/** The test of a column whose beginning has this type; undefined when its values are to be looked at one by one. */
export const testOf = ({ decision: { type }, texts }: PlannedColumn, decimal: string): ColumnTest | undefined => {
  const example = texts.find((text) => text !== null && text.trim() !== '') ?? '';
  if (/^(?:BIGINT|HUGEINT|DOUBLE|DECIMAL.*)$/.test(type))
    return decimal === '.' ? numbers(!/INT$/.test(type)) : undefined;
  if (type === 'BOOLEAN') return booleans;
  if (!isoFirst.test(example.trim()) && type !== 'TIME') return undefined;
  switch (type) {
    case 'DATE':
      return dates;
    case 'TIMESTAMP':
      return matching(`${date}[ T]${clock}`, 'TIMESTAMP');
    case 'TIMESTAMP WITH TIME ZONE':
      return matching(`${date}[ T]${clock}${zone}`, 'TIMESTAMP WITH TIME ZONE');
    case 'TIME':
      return matching(clock, 'TIME');
    default:
      return undefined;
  }
};

/** Whether a column is text, whatever else is in it. */
export const isSettled = ({ decision: { type, open } }: PlannedColumn): boolean => type === 'VARCHAR' && open !== true;

const fractionOf = (text: string | null): string | undefined => /^\d+\.(\d+)$/.exec(text?.trim() ?? '')?.[1];

/** A condition on fractions under which they cannot be versions; undefined when the beginning leaves it open. */
const noVersions = (texts: readonly (string | null)[], text: string): string | undefined => {
  const fractions = texts.flatMap((one) => fractionOf(one) ?? []);
  const lengths = new Set(fractions.map((fraction) => fraction.length));
  const [length] = lengths;
  const digits = `length(${text}) - strpos(${text}, '.')`;
  if (lengths.size === 1) return `${digits} = ${length ?? 0}`;
  if (fractions.some((fraction) => fraction.length > 1 && fraction.endsWith('0'))) return undefined;
  return `NOT (ends_with(${text}, '0') AND ${digits} > 1)`;
};

/**
 * Conditions of which one proves a value to be of the type that the beginning of its column has, where `value` is what
 * TRY_CAST makes of it; the usual ones first. Undefined when no value can prove it by itself.
 */
export const strictOf = (
  column: PlannedColumn,
  decimal: string,
  text: string,
  value: string,
): readonly string[] | undefined => {
  const { type } = column.decision;
  const asPrinted = `${value}::VARCHAR = ${text}`;
  if (type === 'DOUBLE' && decimal === '.') {
    const versions = noVersions(column.texts, text);
    if (versions === undefined) return undefined;
    return [
      `${decimalText(text)} AND ${versions}`,
      `length(${text}) <= 15 AND TRY_CAST(${text} AS BIGINT)::VARCHAR = ${text}`,
    ];
  }
  if ((type === 'BIGINT' || type === 'HUGEINT') && decimal === '.') return [asPrinted];
  const test = type.startsWith('DECIMAL') ? undefined : testOf(column, decimal);
  if (test === undefined) return undefined;
  // A timestamp as DuckDB prints it has four digits of the year, or it says BC or has a sign.
  return type === 'TIMESTAMP'
    ? [`length(${text}) = 19 AND ${asPrinted}`, `${test.regular(text)} = 1`]
    : [`${test.regular(text)} = 1`];
};

/** Texts with the kinds of regular numbers that were seen, so that `decideType` finds the type of all of them. */
export const standIns = (seen: number): readonly string[] => [
  ...(seen & bits.small ? ['7'] : []),
  ...(seen & bits.whole ? ['9007199254740993'] : []),
  ...(seen & bits.huge ? ['9223372036854775808'] : []),
  ...(seen & bits.decimal ? ['0.5'] : []),
];

/** Whether the fractions may be versions: of several lengths, some with a zero at the end. */
export const mayBeVersions = (seen: number): 'yes' | 'no' | 'if they meet' => {
  const lengths = Array.from({ length: 15 }, (_, at) => at + 1).filter(
    (digits) => seen & ((bits.digits / 2) << digits),
  );
  if (lengths.length < 2 || (seen & bits.padded) === 0) return 'no';
  return Math.max(...lengths) <= 2 ? 'yes' : 'if they meet';
};

/** A type that holds the numbers: DECIMAL has to be as wide as the widest of them. */
export const widened = (decision: Decision, wholeDigits: number, scale: number): string | undefined => {
  const [precision, ownScale] = (/^DECIMAL\((\d+),(\d+)\)$/.exec(decision.type) ?? []).slice(1).map(Number);
  if (precision === undefined || ownScale === undefined) return decision.type;
  const [digits, places] = [Math.max(precision - ownScale, wholeDigits), Math.max(ownScale, scale)];
  return digits + places <= 38 ? `DECIMAL(${digits + places},${places})` : undefined;
};
