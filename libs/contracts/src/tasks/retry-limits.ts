import type { TaskType } from '../agents/task-type.js';

/** Exponential back-off with full jitter: a delay is drawn from [0, min(capMs, baseMs * factor^(attempt - 1))]. */
export interface RetryLimits {
  readonly maxRetries: number;
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
}

const usual: RetryLimits = { maxRetries: 3, baseMs: 1_000, factor: 2, capMs: 60_000 };

export const retryLimits = {
  analytics: usual,
  documentation: usual,
  testing: usual,
  data_pipeline: { ...usual, baseMs: 2_000, capMs: 300_000 },
  infrastructure: { ...usual, baseMs: 5_000, capMs: 300_000 },
  skills_mining: usual,
  orchestration: usual,
} as const satisfies Record<TaskType, RetryLimits>;
