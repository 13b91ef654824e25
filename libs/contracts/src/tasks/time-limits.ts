import type { TaskType } from '../agents/task-type.js';

const minutes = (count: number): number => count * 60_000;

/** How long one attempt may run, in milliseconds. */
export const timeLimitMs = {
  analytics: minutes(10),
  documentation: minutes(5),
  testing: minutes(5),
  data_pipeline: minutes(5),
  infrastructure: minutes(30),
  skills_mining: minutes(5),
  orchestration: minutes(5),
} as const satisfies Record<TaskType, number>;
