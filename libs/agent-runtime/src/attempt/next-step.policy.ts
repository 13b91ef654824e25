import { fullJitter } from '@pulser/concurrency';
import { keptFailure, type RetryLimits, TaskError, type TaskFailure, thrownText } from '@pulser/contracts';

export type NextStep =
  | { readonly kind: 'fail'; readonly error: TaskFailure }
  | { readonly kind: 'retry'; readonly error: TaskFailure; readonly afterMs: number };

/** Whether it is an error of this class. A handler may throw anything: a proxy may even refuse to be asked. */
export const isThrown = <T extends Error>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T => {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
};

const failureOfTaskError = (error: TaskError): TaskFailure => {
  const { code, permanent, facts } = error;
  const message = thrownText(error);
  return keptFailure({ code, message, permanent, ...(facts.details !== undefined && { details: facts.details }) });
};

/** The failure as it is stored. Of anything but a TaskError only the message is kept: no stack, no internals. Never throws. */
export const failureOf = (thrown: unknown): TaskFailure => {
  try {
    if (thrown instanceof TaskError) return failureOfTaskError(thrown);
  } catch {
    // Its members cannot be read: it counts as any other.
  }
  return keptFailure({ code: 'handler_failed', message: thrownText(thrown), permanent: false });
};

/** The longest delay that an upstream may ask for. */
const maxWaitMs = 3_600_000;

const upstreamDelayMs = (thrown: unknown): number | undefined => {
  const ms: unknown = isThrown(thrown, TaskError)
    ? Reflect.get(Object(thrown.facts) as object, 'retryAfterMs')
    : undefined;
  if (typeof ms !== 'number' || Number.isNaN(ms)) return undefined;
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
