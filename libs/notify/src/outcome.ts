// What comes of one attempt to deliver, and when the next one is.
import { fullJitter } from '@pulser/concurrency';
import { OutgoingFailed, OutgoingRefused, type OutgoingResponse } from '@pulser/outgoing/client';

/**
 * `retry`: a later attempt may succeed. `isAway`: the receiver did not answer, or cannot take any message now, whatever it
 * says. The detail is for the delivery log: no secret, no path.
 */
export type Outcome =
  | { readonly kind: 'delivered'; readonly detail: string }
  | { readonly kind: 'retry'; readonly detail: string; readonly afterMs?: number; readonly isAway?: true }
  | { readonly kind: 'failed'; readonly detail: string };

/** Attempts of one delivery. With the waits between them, some two hours and a half. */
export const maxAttempts = 8;

const limits = { baseMs: 5_000, factor: 4, capMs: 3_600_000 } as const;

/** Milliseconds until the next attempt: half of the back-off for certain, up to all of it by chance. @param attempt the one that failed, from 1 */
export const retryAfterMs = (attempt: number, random = Math.random()): number => {
  const half = Math.min(limits.capMs, limits.baseMs * limits.factor ** (attempt - 1)) / 2;
  return Math.round(
    half + fullJitter(attempt, { ...limits, baseMs: limits.baseMs / 2, capMs: limits.capMs / 2 }, random),
  );
};

const maxRetryAfterMs = 3_600_000;

/** What `Retry-After` says (RFC 9110): seconds or a date. */
export const retryAfterOf = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, maxRetryAfterMs) : undefined;
};

/**
 * The outcome of an answer.
 * @param gone statuses after which no attempt can succeed
 */
export const outcomeOf = (answer: OutgoingResponse, gone: (status: number) => boolean): Outcome => {
  const { status, headers } = answer;
  const detail = `The server answered ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered', detail };
  if (gone(status)) return { kind: 'failed', detail };
  const afterMs = retryAfterOf(headers['retry-after'], Date.now());
  const isAway = status >= 500 || status === 429;
  return { kind: 'retry', detail, ...(afterMs !== undefined && { afterMs }), ...(isAway && { isAway }) };
};

/** The outcome of a request that has no answer. @throws what is no error of a request */
export const outcomeOfError = (error: unknown): Outcome => {
  if (error instanceof OutgoingRefused) return { kind: 'failed', detail: error.message };
  // A certificate may be renewed, and a name come back.
  if (error instanceof OutgoingFailed) return { kind: 'retry', detail: error.message, isAway: true };
  throw error;
};
