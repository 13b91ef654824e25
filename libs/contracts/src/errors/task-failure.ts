import { z } from 'zod';

/** The error of an attempt as it is stored with the task and shown. */
export const TaskFailure = z
  .object({
    code: z.string(),
    message: z.string(),
    permanent: z.boolean(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'TaskFailure' });
export type TaskFailure = z.infer<typeof TaskFailure>;
