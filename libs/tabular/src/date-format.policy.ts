// Dates by a format that the owner of the file names.
import { daysFromCivil, isDay, type TimeText } from './times.policy.js';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const patterns: Readonly<Record<string, string>> = {
  '%Y': '(?<Y>\\d{4})',
  '%y': '(?<y>\\d{2})',
  '%m': '(?<m>\\d{1,2})',
  '%d': '(?<d>\\d{1,2})',
  '%b': '(?<b>[A-Za-z]{3})',
  '%B': '(?<b>[A-Za-z]{3,9})',
  '%H': '(?<H>\\d{1,2})',
  '%I': '(?<I>\\d{1,2})',
  '%M': '(?<M>\\d{2})',
  '%S': '(?<S>\\d{2})',
  '%f': '(?<f>\\d{1,9})',
  '%p': '(?<p>[AaPp])[Mm]',
};

// The letters of spreadsheets, for formats without a per cent sign.
const letters: readonly (readonly [RegExp, string])[] = [
  [/YYYY|yyyy/, '%Y'],
  [/YY|yy/, '%y'],
  [/MMMM/, '%B'],
  [/MMM/, '%b'],
  [/MM|\bM\b/, '%m'],
  [/DD|dd|\bD\b|\bd\b/, '%d'],
  [/HH|hh/, '%H'],
  [/mm/, '%M'],
  [/ss|SS/, '%S'],
];
const orders: Readonly<Record<string, string>> = { DMY: '%d?%m?%Y', MDY: '%m?%d?%Y', YMD: '%Y?%m?%d' };

const directivesOf = (format: string): string => {
  const order = orders[format.toUpperCase()];
  if (order !== undefined) return order;
  if (format.includes('%')) return format;
  return letters.reduce((made, [letter, directive]) => made.replace(letter, directive), format);
};

const partOf = (part: string): string | undefined => {
  if (part === '?') return '[-/. ]';
  if (part.startsWith('%')) return patterns[part.replace('-', '')];
  return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
};

const compiled = (format: string): RegExp | undefined => {
  const parts = directivesOf(format).match(/%-?[A-Za-z]|[\s\S]/g) ?? [];
  const sources = parts.map(partOf);
  if (sources.includes(undefined)) return undefined;
  try {
    return new RegExp(`^${sources.join('')}$`);
  } catch {
    // A directive that stands twice in it.
    return undefined;
  }
};

const yearOf = ({ Y, y }: Record<string, string | undefined>): number => {
  if (Y !== undefined) return Number(Y);
  // As POSIX has it: 69 to 99 are 1969 to 1999.
  return Number(y) + (Number(y) < 69 ? 2000 : 1900);
};

const monthOf = ({ m, b }: Record<string, string | undefined>): number =>
  b === undefined ? Number(m) : months.indexOf(b.slice(0, 3).toLowerCase()) + 1;

const hourOf = ({ H, I, p }: Record<string, string | undefined>): number => {
  if (I === undefined) return Number(H ?? 0);
  if (Number(I) < 1 || Number(I) > 12) return 99;
  return (Number(I) % 12) + (p?.toLowerCase() === 'p' ? 12 : 0);
};

const read = (groups: Record<string, string | undefined>, hasClock: boolean): TimeText | undefined => {
  const [year, month, date, hour] = [yearOf(groups), monthOf(groups), Number(groups['d']), hourOf(groups)];
  const [minute, second] = [Number(groups['M'] ?? 0), Number(groups['S'] ?? 0)];
  if (!isDay(year, month, date) || hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = groups['f'] ?? '';
  const seconds = BigInt(daysFromCivil(year, month, date)) * 86_400n + BigInt(hour * 3600 + minute * 60 + second);
  const nanos = seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return {
    kind: hasClock ? 'timestamp' : 'date',
    style: 'given',
    nanos: () => nanos,
    precision: fraction.replace(/0+$/, '').length,
  };
};

/** Reads texts in one format; undefined for a text in another one. */
export type DateReader = (text: string) => TimeText | undefined;

/**
 * A reader for `%d/%m/%Y %H:%M` (directives Y y m d b B H I M S f p), `DD/MM/YYYY`, or just DMY, MDY, YMD.
 *
 * @returns undefined when the format has another directive, or lacks day, month or year
 */
export const dateReader = (format: string): DateReader | undefined => {
  const pattern = compiled(format);
  const source = pattern?.source ?? '';
  const complete = /\?<d>/.test(source) && /\?<[mb]>/.test(source) && /\?<[Yy]>/.test(source);
  if (pattern === undefined || !complete) return undefined;
  const hasClock = /\?<[HI]>/.test(source);
  return (text) => {
    const groups = text.length > 60 ? undefined : pattern.exec(text)?.groups;
    return groups === undefined ? undefined : read(groups, hasClock);
  };
};
