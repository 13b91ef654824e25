// What comes after a try without an answer: the one owner of retries.
import { fullJitter } from '@pulser/concurrency';

import { modelFailures, type ModelFailureCode } from './model-failure.js';

/** Where a call stands. */
export interface TryState {
  /** Tries of the model that was asked last, this one among them. */
  readonly tries: number;
  /** Whether there is a model to fall back to, which was not asked yet. */
  readonly hasFallback: boolean;
}

export type NextTry =
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'fallback' }
  /** @param afterMs how long the server asks to wait, if it does */
  | { readonly kind: 'give_up'; readonly afterMs: number | undefined };

const maxTries = 3;
/** What is waited for here, with a slot held. What takes longer is waited for without one. */
const maxWaitMs = 2_000;
const pauses = { baseMs: 250, capMs: 2_000 };

/** Failures that another model may not have: this one is overloaded, unknown to the server, or refuses the request. */
const another = new Set<ModelFailureCode>(['unreachable', 'rate_limited', 'overloaded', 'broken_off', 'refused']);

/** @param random from 0 to 1 */
export const nextTry = (
  { code, retryAfterMs }: { readonly code: ModelFailureCode; readonly retryAfterMs?: number | undefined },
  { tries, hasFallback }: TryState,
  random: number,
): NextTry => {
  const mayPass = modelFailures[code].again === 'later';
  const afterMs = retryAfterMs ?? Math.round(fullJitter(tries, pauses, random));
  if (mayPass && tries < maxTries && afterMs <= maxWaitMs) return { kind: 'again', afterMs };
  if (hasFallback && another.has(code)) return { kind: 'fallback' };
  return { kind: 'give_up', afterMs: mayPass ? retryAfterMs : undefined };
};
