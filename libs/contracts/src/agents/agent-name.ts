import { z } from 'zod';

import type { TaskType } from './task-type.js';

export const agentNames = ['dash', 'maya', 'echo', 'data_fabcon', 'arkie', 'learnbot', 'pulser'] as const;

export const AgentName = z.enum(agentNames);
export type AgentName = z.infer<typeof AgentName>;

/** The agent that owns each task type. Fail-over may move a task to another agent that serves the same type. */
export const agentByTaskType = {
  analytics: 'dash',
  documentation: 'maya',
  testing: 'echo',
  data_pipeline: 'data_fabcon',
  infrastructure: 'arkie',
  skills_mining: 'learnbot',
  orchestration: 'pulser',
} as const satisfies Record<TaskType, AgentName>;
