import type { Facts } from './facts.js';
import { type PromiseName, promises } from './promises.policy.js';
import type { Violation } from './violation.js';

export interface Judged {
  readonly promise: PromiseName;
  readonly violations: readonly Violation[];
}

/** Every promise, with the ways in which it was broken. */
export const judge = (facts: Facts): Judged[] =>
  (Object.keys(promises) as PromiseName[]).map((promise) => ({ promise, violations: promises[promise](facts) }));
