import { fullJitter } from '@pulser/concurrency';
import { type RetryLimits, TaskError, type TaskFailure } from '@pulser/contracts';

export type NextStep =
  | { readonly kind: 'fail'; readonly error: TaskFailure }
  | { readonly kind: 'retry'; readonly error: TaskFailure; readonly afterMs: number };

/** The failure as it is stored. Of anything but a TaskError only the message is kept: no stack, no internals. */
export const failureOf = (thrown: unknown): TaskFailure => {
  if (thrown instanceof TaskError) {
    const { code, message, permanent, facts } = thrown;
    return { code, message, permanent, ...(facts.details !== undefined && { details: facts.details }) };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'handler_failed', message, permanent: false };
};

/** The longest delay that an upstream may ask for. */
const maxWaitMs = 3_600_000;

const upstreamDelayMs = (thrown: unknown): number | undefined => {
  const ms = thrown instanceof TaskError ? thrown.facts.retryAfterMs : undefined;
  if (ms === undefined || Number.isNaN(ms)) return undefined;
  return Math.round(Math.min(maxWaitMs, Math.max(0, ms)));
};

export interface Attempts {
  readonly attempt: number;
  readonly maxAttempts: number;
}

/** What becomes of a task whose attempt failed. */
export const nextStep = (
  thrown: unknown,
  { attempt, maxAttempts }: Attempts,
  limits: RetryLimits,
  random: number,
): NextStep => {
  const error = failureOf(thrown);
  if (error.permanent || attempt >= maxAttempts) return { kind: 'fail', error };
  return { kind: 'retry', error, afterMs: upstreamDelayMs(thrown) ?? Math.round(fullJitter(attempt, limits, random)) };
};
