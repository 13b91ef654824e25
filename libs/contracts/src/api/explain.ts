import { z } from 'zod';

import { TaskStatus } from '../tasks.js';

export const explanationReasons = [
  'scheduled',
  'paused',
  'broker_unavailable',
  'agents_down',
  'no_worker',
  'behind_others',
  'about_to_start',
  'back_off',
  'running',
  'worker_silent',
  'waiting',
  'ended',
] as const;

/** Why a task is where it is, for people and for programs. */
export const Explanation = z
  .object({
    task_id: z.uuid(),
    status: TaskStatus,
    reason: z.enum(explanationReasons),
    sentence: z.string(),
    data: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .meta({ description: 'What the sentence says, member by member' }),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof Explanation>;
