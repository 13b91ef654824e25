// What the rollouts of several deployments come to together, and when they are looked at again.
import type { Rollout } from './deploy-contract.js';

export type Verdict = 'complete' | 'progressing' | 'failed';

/** A paused one never ends by itself. One of which nothing was heard may still end well. */
export const verdictOf = (rollouts: readonly Pick<Rollout, 'state'>[]): Verdict => {
  if (rollouts.some(({ state }) => state === 'failed' || state === 'paused')) return 'failed';
  return rollouts.every(({ state }) => state === 'complete') ? 'complete' : 'progressing';
};

/** Milliseconds between two looks, in which the task has no slot. */
export const pauseMs = 15_000;

/**
 * The next look: its number, by which its wait is known again after a crash, and its time in milliseconds since 1970.
 * Undefined: the time is over.
 */
export const nextLook = (
  beganMs: number,
  nowMs: number,
  limitMs: number,
): { readonly number: number; readonly atMs: number } | undefined => {
  const endMs = beganMs + limitMs;
  if (nowMs >= endMs) return undefined;
  const number = Math.floor(Math.max(0, nowMs - beganMs) / pauseMs) + 1;
  return { number, atMs: Math.min(endMs, beganMs + number * pauseMs) };
};
