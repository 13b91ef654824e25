// How often and how long tasks of a type may run: the built-in tables, unless the skill brings its own limits.
import { type RetryLimits, retryLimitsOf, timeLimitMsOf } from '@pulser/contracts';

import type { SkillLimits } from '../skills/skill.js';

/** The limits that a worker keeps for tasks of one type. */
export interface TaskLimits {
  readonly retry: RetryLimits;
  /** Milliseconds that one attempt may run. */
  readonly timeLimitMs: number;
  /** Attempts that the skill allows; a task may allow fewer. */
  readonly maxAttempts: number;
}

export const taskLimits = (taskType: string, { retry, timeLimitS }: SkillLimits = {}): TaskLimits => ({
  retry: retry ?? retryLimitsOf(taskType),
  timeLimitMs: timeLimitS === undefined ? timeLimitMsOf(taskType) : timeLimitS * 1_000,
  // The built-in number is in the task's row already.
  maxAttempts: retry === undefined ? Infinity : retry.maxRetries + 1,
});
