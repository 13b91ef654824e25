import { z } from 'zod';

import { AgentName } from './agent-name.js';
import { TaskType } from './task-type.js';

/** One thing an agent can do: its input as JSON Schema (draft 2020-12) and an example that runs as it is. */
export const OperationDescription = z.object({
  task_type: TaskType,
  operation: z.string(),
  summary: z.string(),
  input_schema: z.record(z.string(), z.unknown()),
  example: z.record(z.string(), z.unknown()),
});
export type OperationDescription = z.infer<typeof OperationDescription>;

/** What an agent says of itself when it starts. A task type is served once an agent has registered it. */
export const AgentRegistration = z.object({
  agent: AgentName,
  task_types: z.array(TaskType).min(1),
  operations: z.array(OperationDescription),
});
export type AgentRegistration = z.infer<typeof AgentRegistration>;
