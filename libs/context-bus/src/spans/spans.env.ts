import { z } from 'zod';

/** Which traces of tasks are kept in the database. */
export const storedTraceEnv = {
  TRACE_STORED_SAMPLE: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe('Share of tasks whose spans are kept with the task, from 0 to 1; the same tasks in every service'),
  TRACE_STORED_SLOW_S: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .default(10)
    .describe(
      'Seconds from which on the spans of an attempt are kept in any case, as those of failed ones are; none are with TRACE_STORED_SAMPLE=0',
    ),
};

/** See `storedTraceEnv`. */
export type StoredTraceSettings = { readonly [K in keyof typeof storedTraceEnv]: z.output<(typeof storedTraceEnv)[K]> };
