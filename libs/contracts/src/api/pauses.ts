import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { storableText } from '../json/limits.policy.js';

export const PauseOrder = z
  .strictObject({ reason: storableText(500).optional().meta({ description: 'Shown by `explain`' }) })
  .meta({ id: 'PauseOrder' });
export type PauseOrder = z.infer<typeof PauseOrder>;

/** While it stands, no task of the agent or of the type starts. What runs goes on; what is submitted waits. */
export const Pause = z
  .object({
    agent: AgentName.nullable(),
    task_type: TaskType.nullable(),
    reason: z.string().nullable(),
    paused_at: z.iso.datetime(),
    for_all_tenants: z.boolean().meta({ description: 'Made by an operator of the installation' }),
  })
  .meta({ id: 'Pause' });
export type Pause = z.infer<typeof Pause>;

export const PauseList = z.object({ pauses: z.array(Pause) }).meta({ id: 'PauseList' });
export type PauseList = z.infer<typeof PauseList>;
