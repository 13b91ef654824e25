import { fullJitter } from '@pulser/concurrency';
import type { DeadLetterReason } from '@pulser/contracts';

import { RejectMessage } from './message-handler.js';

/** What becomes of a message whose handler threw; one whose handler returned is acknowledged. */
export type Verdict =
  | { readonly kind: 'retry'; readonly afterMs: number; readonly transient: boolean }
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly detail?: string };

export interface Failures {
  /** All failures of this delivery so far, with this one. */
  readonly all: number;
  /** Those of them that were not transient. */
  readonly lasting: number;
}

/** New attempts after errors that are not transient. */
const maxRetries = 5;

/** Whether an error marks itself as passing: the same can succeed later, for instance when the database is back. */
export const isTransient = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'transient' in error && error.transient === true;

/** An error in one line, for a reader who cannot see the log. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';

/**
 * Retries happen in place: the message keeps its slot while it waits, which is the back-pressure. It is never requeued
 * for that: the broker would deliver it again at once.
 */
export const afterFailure = (error: unknown, failures: Failures, random = Math.random()): Verdict => {
  if (error instanceof RejectMessage)
    return {
      kind: 'dead-letter',
      reason: error.reason,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
    };
  const transient = isTransient(error);
  if (transient || failures.lasting <= maxRetries)
    return { kind: 'retry', afterMs: fullJitter(failures.all, {}, random), transient };
  return { kind: 'dead-letter', reason: 'handler_failed', detail: describeError(error) };
};
