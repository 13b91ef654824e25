// Decimal numbers as whole numbers of their smallest unit, so that sums are exact.

/** Digits behind the point of the amounts that DuckDB adds up. */
export const amountScale = 10;
/** Digits behind the point of a printed ratio. */
export const ratioScale = 12;
/** Digits behind the point with which ratios are computed. */
export const workingScale = 30;

/** A decimal number, as DuckDB writes it, in units of 10^-scale. */
export const unitsOf = (decimal: string, scale: number): bigint => {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  if (whole === '' || fraction.length > scale) throw new Error(`No decimal number of scale ${scale}: ${decimal}`);
  const units = BigInt(whole + fraction.padEnd(scale, '0'));
  return sign === '-' ? -units : units;
};

/** As people write it: without zeros at the end. */
export const decimalOf = (units: bigint, scale: number): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  const text = fraction === '' ? digits.slice(0, -scale) : `${digits.slice(0, -scale)}.${fraction}`;
  return units < 0n ? `-${text}` : text;
};

/** The largest whole number that is not above a quotient. */
const floorOf = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
};

/** To the nearest unit of a coarser scale. */
export const roundedTo = (units: bigint, from: number, to: number): bigint => {
  const step = 10n ** BigInt(from - to);
  return floorOf(units + step / 2n, step);
};

/**
 * Rounds parts to a coarser scale so that they sum to exactly `whole`: each down, then those with the largest remainders up
 * (the method of the largest remainder).
 */
export const roundedParts = (parts: readonly bigint[], whole: bigint, from: number, to: number): bigint[] => {
  const step = 10n ** BigInt(from - to);
  const rounded = parts.map((part) => floorOf(part, step));
  const remainder = (at: number): bigint => (parts[at] ?? 0n) - (rounded[at] ?? 0n) * step;
  const order = [...parts.keys()].sort(
    (one, other) => Number(remainder(other) > remainder(one)) - Number(remainder(one) > remainder(other)),
  );
  let missing = whole - rounded.reduce((sum, part) => sum + part, 0n);
  const [ups, downs] = [order, order.toReversed()];
  for (let at = 0; missing !== 0n && parts.length > 0; at += 1) {
    const unit = missing > 0n ? 1n : -1n;
    const index = (missing > 0n ? ups : downs)[at % parts.length] ?? 0;
    rounded[index] = (rounded[index] ?? 0n) + unit;
    missing -= unit;
  }
  return rounded;
};
