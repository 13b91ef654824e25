import { z } from 'zod';

const maxWaitS = 60;

/** Query of a single task: how long the answer may wait for its end. */
export const WaitQuery = z.strictObject({
  wait: z
    .string()
    .regex(/^\d{1,2}s?$/, `Seconds, from 1s to ${maxWaitS}s`)
    .transform((text) => Number.parseInt(text, 10))
    .refine((seconds) => seconds >= 1 && seconds <= maxWaitS, `Seconds, from 1s to ${maxWaitS}s`)
    .optional()
    .meta({ description: `Answer when the task has ended, or after so many seconds: 1s to ${maxWaitS}s` }),
});
export type WaitQuery = z.infer<typeof WaitQuery>;
