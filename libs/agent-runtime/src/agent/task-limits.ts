// How often and how long tasks of a type may run: the built-in tables, unless the skill brings its own limits.
import { type RetryLimits, retryLimits, timeLimitMs } from '@pulser/contracts';

import type { SkillLimits } from '../skills/skill.js';

/** The limits that a worker keeps for tasks of one type. */
export interface TaskLimits {
  readonly retry: RetryLimits;
  /** Milliseconds that one attempt may run. */
  readonly timeLimitMs: number;
  /** Attempts that the skill allows; a task may allow fewer. */
  readonly maxAttempts: number;
}

const usualRetry: RetryLimits = { maxRetries: 3, baseMs: 1_000, factor: 2, capMs: 60_000 };
const usualTimeLimitMs = 300_000;

const retryByType: ReadonlyMap<string, RetryLimits> = new Map(Object.entries(retryLimits));
const timeLimitMsByType: ReadonlyMap<string, number> = new Map(Object.entries(timeLimitMs));

const builtInRetry = (taskType: string): RetryLimits => retryByType.get(taskType) ?? usualRetry;
const builtInTimeLimitMs = (taskType: string): number => timeLimitMsByType.get(taskType) ?? usualTimeLimitMs;

export const taskLimits = (taskType: string, { retry, timeLimitS }: SkillLimits = {}): TaskLimits => ({
  retry: retry ?? builtInRetry(taskType),
  timeLimitMs: timeLimitS === undefined ? builtInTimeLimitMs(taskType) : timeLimitS * 1_000,
  // The built-in number stands in the task's row already.
  maxAttempts: retry === undefined ? Infinity : retry.maxRetries + 1,
});
