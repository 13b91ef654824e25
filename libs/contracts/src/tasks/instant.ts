import { z } from 'zod';

// What ISO 8601 allows and PostgreSQL refuses: the year 0, offsets of 16 hours and more, digits without an end.
const keepable = /^(?!0000).{1,40}(?<![+-](?:1[6-9]|2\d):\d\d)$/;

/** A point in time from outside (RFC 3339). */
export const Instant = z.iso
  .datetime({ offset: true })
  .refine((text) => keepable.test(text), 'Between the years 1 and 9999, less than 16 hours from UTC, 40 characters');
