import { z } from 'zod';

/** Settings of whoever accepts tasks. */
export const queueQuotaEnv = {
  QUEUE_QUOTA: z.coerce
    .number()
    .int()
    .min(1)
    .default(100_000)
    .describe('Most tasks of a tenant that may wait, unless the tenant has a quota of its own'),
};
