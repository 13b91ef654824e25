import { z } from 'zod';

import { AgentName } from '../agents/agent-name.js';
import { TaskType } from '../agents/task-type.js';
import { Instant } from '../tasks/instant.js';
import { TaskStatus } from '../tasks/task-status.js';

export const maxPage = 100;

export const TaskQuery = z.strictObject({
  status: TaskStatus.optional(),
  task_type: TaskType.optional(),
  agent: AgentName.optional(),
  created_after: Instant.optional(),
  created_before: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: z.string().max(200).optional(),
});
export type TaskQuery = z.infer<typeof TaskQuery>;
