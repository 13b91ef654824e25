import type { Spread } from '../statistics/spread.policy.js';

/** With three digits at least, and none that only pretends to be known. */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : 2);
};

/** Of things, not of measures. */
export const wholeNumber = (count: number): string => count.toLocaleString('en-US');

/** Median, and between what: `5,012 (4,800 .. 5,100)`. */
export const spreadText = (spread: Spread | undefined): string => {
  if (spread === undefined) return 'none';
  const { median, least, most, count } = spread;
  return count === 1 ? figure(median) : `${figure(median)} (${figure(least)} .. ${figure(most)})`;
};

const bytesAMegabyte = 1_048_576;

export const megabytes = (bytes: number): string => figure(bytes / bytesAMegabyte);
