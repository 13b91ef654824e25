// A point in time from outside (RFC 3339), and the one spelling in which it is hashed and stored.
import { z } from 'zod';

const local = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?`;
const withoutZone = new RegExp(`^${local}$`);
const withoutSign = new RegExp(`^${local} \\d\\d:\\d\\d$`);
const parts = /^(.{16}):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;
const farFromUtc = /[+-](?:1[6-9]|2\d):\d\d$/;

const maxLength = 40;
/** Digits of a fraction of a second that PostgreSQL keeps. */
const keptDigits = 6;

const strict = z.iso.datetime({ offset: true });

const example = '2030-01-01T00:00:00Z';

const shapeFault = (text: string): string | undefined => {
  if (withoutZone.test(text)) return 'It has no zone: end it with Z, or with an offset such as +01:00';
  if (withoutSign.test(text)) return 'Its offset has no sign: write + as %2B in a URL';
  if (text.length > maxLength) return `At most ${maxLength} characters`;
  if (farFromUtc.test(text)) return 'Its offset must be less than 16 hours';
  // A leap second is valid, and Zod knows none.
  const known = strict.safeParse(text.replace(/:60(?=[.Z+-])/, ':59')).success;
  return known ? undefined : `Must be a date and time with a zone (RFC 3339), such as ${example}`;
};

/** A text as an instant in UTC, or what is wrong with it. */
type InstantReading = { readonly instant: string } | { readonly fault: string };

const minuteMs = 60_000;

/** @param text of the right shape. A leap second is the first one of the next minute, as in PostgreSQL. */
const inUtc = (text: string): InstantReading => {
  const [, minute = '', second = '', fraction = '', zone = ''] = parts.exec(text) ?? [];
  const at = new Date(`${minute}:${second === '60' ? '00' : second}${zone}`);
  if (second === '60') {
    if (at.getUTCHours() !== 23 || at.getUTCMinutes() !== 59) return { fault: 'A leap second is 23:59:60 in UTC' };
    at.setTime(at.getTime() + minuteMs);
  }
  const year = at.getUTCFullYear();
  if (year < 1 || year > 9_999) return { fault: 'Must be between the years 1 and 9999 in UTC' };
  const kept = fraction.slice(0, keptDigits).replace(/0+$/, '');
  return { instant: `${at.toISOString().slice(0, 19)}${kept === '' ? '' : `.${kept}`}Z` };
};

/** RFC 3339 allows small letters. */
const readInstant = (text: string): InstantReading => {
  const upper = text.toUpperCase();
  const fault = shapeFault(upper);
  return fault === undefined ? inUtc(upper) : { fault };
};

/** A point in time from outside (RFC 3339): however it is spelled, the same instant is the same text, in UTC. */
export const Instant = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    const reading = readInstant(text);
    if ('instant' in reading) return reading.instant;
    context.addIssue({ code: 'custom', message: reading.fault });
    return z.NEVER;
  });

/** Whether so many seconds after an instant the years still have four digits. @param text an {@link Instant} */
export const endsInTime = (text: string, seconds: number): boolean =>
  new Date(Date.parse(text) + seconds * 1_000).getUTCFullYear() <= 9_999;
