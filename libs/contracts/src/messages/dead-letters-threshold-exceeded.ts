import { z } from 'zod';

import { AgentName } from '../agents/agent-name.js';
import { TaskType } from '../agents/task-type.js';

/** Unusually many tasks of one type failed for good; told once a window. */
export const DeadLettersThresholdExceeded = z.object({
  task_type: TaskType,
  agent: AgentName,
  /** New dead letters within the window. */
  count: z.int(),
  window_s: z.int(),
  /** Of the group with the most of them. */
  top_fingerprint: z.string(),
});
export type DeadLettersThresholdExceeded = z.infer<typeof DeadLettersThresholdExceeded>;
