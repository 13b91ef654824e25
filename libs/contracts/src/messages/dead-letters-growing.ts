import { z } from 'zod';

import { AgentName } from '../agents/agent-name.js';
import { TaskType } from '../agents/task-type.js';

/** Unusually many tasks of one type failed for good; told once a window. */
export const DeadLettersGrowing = z.object({
  task_type: TaskType,
  agent: AgentName,
  /** New dead letters within the window. */
  count: z.int(),
  window_s: z.int(),
  /** Of the group with the most of them. */
  top_fingerprint: z.string(),
});
export type DeadLettersGrowing = z.infer<typeof DeadLettersGrowing>;
