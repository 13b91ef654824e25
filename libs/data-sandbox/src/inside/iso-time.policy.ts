// ISO 8601 beyond what Date can parse.
const floorDivide = (value: bigint, by: bigint): bigint => {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
};

// 100 million days around 1970: what a JavaScript Date can hold, in seconds.
const maxSeconds = 8_640_000_000_000n;

/** Without the milliseconds and the Z. Years beyond 9999 and before 1 have a sign and six digits. */
const withoutFraction = (seconds: bigint): string => new Date(Number(seconds) * 1_000).toISOString().slice(0, -5);

/**
 * ISO 8601 of a time since 1970-01-01T00:00:00, with as many decimals as it needs.
 *
 * @param ticks how many units since then
 * @param perSecond how many units a second has: a power of ten
 * @returns undefined beyond the years -271821 and 275760
 */
export const isoTimestamp = (ticks: bigint, perSecond: bigint): string | undefined => {
  const seconds = floorDivide(ticks, perSecond);
  if (seconds > maxSeconds || seconds < -maxSeconds) return undefined;
  const digits = String(perSecond).length - 1;
  const fraction = String(ticks - seconds * perSecond)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return withoutFraction(seconds) + (fraction === '' ? '' : `.${fraction}`);
};

/** ISO 8601 of a day counted from 1970-01-01. @returns undefined beyond 100 million days */
export const isoDate = (days: number): string | undefined =>
  isoTimestamp(BigInt(days) * 86_400n, 1n)?.replace(/T.*$/, '');
