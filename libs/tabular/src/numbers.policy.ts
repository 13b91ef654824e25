// Numbers as text: which texts are numbers, and which SQL type holds them without loss.

export type Decimal = '.' | ',';

/** How numbers are written in a file. */
export interface NumberStyle {
  readonly decimal: Decimal;
  /** The owner of the file named the decimal separator, so that `1,234` needs no further proof. */
  readonly certain: boolean;
  /** Where the decimal separator often is a comma and nothing proves the point: `1.234` may be 1234. */
  readonly doubtful?: boolean;
}

/** A text that is a number, or looks like one and would lose something as a number. */
export type NumberText =
  | {
      readonly kind: 'number';
      /** With a point and without thousands separators, as SQL and JavaScript write it. */
      readonly plain: string;
      readonly whole: boolean;
      /** `1.234` where the comma is, or may be, the decimal separator, or `1 234`: another value must say what it means. */
      readonly grouped: boolean;
    }
  | { readonly kind: 'code'; readonly loss: string };

// Bounded, so that no pattern is matched against a long text.
const maxLength = 400;
const digitsFirst = /^[+-]?[.,]?\d/;
const point = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const comma = /^-?(?:\d+(?:,\d+)?|,\d+)(?:[eE][+-]?\d+)?$/;
const groupedByComma = /^-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;
const groupedByPoint = /^-?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/;
const groupedByBlank = /^-?[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?:,\d+)?$/;

const plainOf = (
  text: string,
  { decimal, certain, doubtful }: NumberStyle,
): { plain: string; grouped: boolean } | undefined => {
  if (decimal === '.') {
    if (point.test(text)) return { plain: text, grouped: doubtful === true && groupedByPoint.test(text) };
    return certain && groupedByComma.test(text) ? { plain: text.replaceAll(',', ''), grouped: false } : undefined;
  }
  if (comma.test(text)) return { plain: text.replace(',', '.'), grouped: false };
  if (groupedByBlank.test(text)) {
    // Numbers of phones and parts are written like this, too, also in files with decimal commas.
    const plain = text.replace(/[ \u00a0\u202f]/g, '').replace(',', '.');
    return { plain, grouped: !text.includes(',') };
  }
  if (!groupedByPoint.test(text)) return undefined;
  const proved = certain || text.includes(',') || text.indexOf('.') !== text.lastIndexOf('.');
  return { plain: text.replaceAll('.', '').replace(',', '.'), grouped: !proved };
};

const lossOf = (plain: string): string | undefined => {
  if (/^-?0\d/.test(plain)) return 'leading zeros';
  if (/^-?\d+[eE]\d+$/.test(plain)) return 'a code like 1E5';
  return undefined;
};

/** Reads a text, without blanks around it, as a number. @returns undefined for what does not look like one */
export const numberText = (text: string, style: NumberStyle): NumberText | undefined => {
  if (text.length > maxLength || !digitsFirst.test(text)) return undefined;
  const signed = text.startsWith('+');
  const found = plainOf(signed ? text.slice(1) : text, style);
  if (found === undefined) return undefined;
  const loss = signed ? 'plus signs' : lossOf(found.plain);
  if (loss !== undefined) return { kind: 'code', loss };
  return { kind: 'number', ...found, whole: /^-?\d+$/.test(found.plain) && found.plain !== '-0' };
};

/** Which decimal separator a cell can only have; undefined when it has none or may have either. */
export const decimalShown = (text: string): Decimal | undefined => {
  if (text.length > maxLength || !digitsFirst.test(text)) return undefined;
  const style = { decimal: ',', certain: true } as const;
  if (groupedByBlank.test(text) && !text.includes(',')) return undefined;
  const asComma = comma.test(text) || numberText(text, style)?.kind === 'number';
  const asPoint = point.test(text) || groupedByComma.test(text);
  if (asComma === asPoint) return undefined;
  return asComma ? ',' : '.';
};

/** Sign, digits without zeros around them, and the power of ten of the last digit. */
export interface Digits {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** The digits of a plain number, the same for all ways to write one value. */
export const digitsOf = (plain: string): Digits => {
  const negative = plain.startsWith('-');
  const [mantissa = '', exponent = '0'] = plain.slice(negative ? 1 : 0).split(/[eE]/);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = withoutEndZeros(all);
  if (digits === '') return { negative, digits: '0', exponent: 0 };
  return { negative, digits, exponent: Number(exponent) - fraction.length + (all.length - digits.length) };
};

const withoutEndZeros = (text: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === '0') end -= 1;
  return text.slice(0, end);
};

const shortest = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** Whether a number, written in the shortest way that reads back as itself, has the same digits as the text. */
export const sameDigits = (plain: string, value: number): boolean => {
  const one = digitsOf(plain);
  const other = digitsOf(shortest(value));
  return one.negative === other.negative && one.digits === other.digits && one.exponent === other.exponent;
};

/** Whether a DOUBLE keeps all the digits of a plain number. */
export const survivesAsDouble = (plain: string): boolean =>
  Number.isFinite(Number(plain)) && sameDigits(plain, Number(plain));

/** Digits before and behind the point that a DECIMAL needs to hold the number as it is written. */
const sizeOf = (plain: string): { whole: number; scale: number } => {
  const { digits, exponent } = digitsOf(plain);
  const written = /^[^.eE]*\.(\d+)$/.exec(plain)?.[1]?.length ?? 0;
  return { whole: Math.max(0, digits.length + exponent), scale: Math.max(0, -exponent, written) };
};

const maxPrecision = 38;
const bigintMax = 2n ** 63n - 1n;
const hugeintMax = 2n ** 127n - 1n;

const within = (values: readonly bigint[], max: bigint): boolean =>
  values.every((value) => value <= max && value >= -max - 1n);

const wholeType = (plains: readonly string[]): string | undefined => {
  if (plains.some((plain) => plain.length > maxPrecision + 2)) return undefined;
  const values = plains.map(BigInt);
  if (within(values, bigintMax)) return 'BIGINT';
  return within(values, hugeintMax) ? 'HUGEINT' : undefined;
};

const decimalType = (plains: readonly string[]): string | undefined => {
  let whole = 0;
  let scale = 0;
  for (const plain of plains) {
    const size = sizeOf(plain);
    whole = Math.max(whole, size.whole);
    scale = Math.max(scale, size.scale);
  }
  return whole + scale <= maxPrecision ? `DECIMAL(${Math.max(1, whole + scale)},${scale})` : undefined;
};

/** The SQL type that holds all these plain numbers exactly: BIGINT, HUGEINT, DOUBLE, DECIMAL(p,s); undefined for none. */
export const numericType = (plains: readonly string[], whole: boolean): string | undefined => {
  if (whole) return wholeType(plains);
  return plains.every(survivesAsDouble) ? 'DOUBLE' : decimalType(plains);
};

/** A plain number as units of 10^-scale. @returns undefined when digits would be lost or `precision` does not suffice */
export const scaledUnits = (plain: string, precision: number, scale: number): bigint | undefined => {
  const { negative, digits, exponent } = digitsOf(plain);
  const shift = exponent + scale;
  if (digits === '0') return 0n;
  if (shift < 0 || digits.length + shift > precision) return undefined;
  const units = BigInt(digits) * 10n ** BigInt(shift);
  return negative ? -units : units;
};

/**
 * Whether numbers with a point look like versions or chapters: `1.9` and `1.10` are two of these, and as numbers the
 * second one is 1.1. Fixed decimals (`1.90`, `1.10`) are numbers, and so is `1.0` beside `1.25`.
 */
export const looksLikeVersions = (plains: readonly string[]): boolean => {
  const fractions = plains.flatMap((plain) => /^\d+\.(\d+)$/.exec(plain)?.[1] ?? []);
  const lengths = new Set(fractions.map((fraction) => fraction.length));
  if (lengths.size < 2) return false;
  const padded = fractions.some((fraction) => fraction.length > 1 && fraction.endsWith('0'));
  return padded && (Math.max(...lengths) <= 2 || meetAsNumbers(plains));
};

const meetAsNumbers = (plains: readonly string[]): boolean => {
  const written = new Set(plains.map((plain) => plain.replace(/^(\d+)\.0$/, '$1')));
  return new Set([...written].map(Number)).size < written.size;
};
