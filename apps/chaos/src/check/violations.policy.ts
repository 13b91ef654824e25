// How a promise is broken.
import type { Facts } from './facts.js';

/** A promise that was not kept. */
export interface Violation {
  /** `lost`: accepted and not ended, or ended without what it was for; `doubled`: done more than once. */
  readonly kind: 'lost' | 'doubled' | 'wrong';
  readonly what: string;
  readonly taskId?: string | undefined;
  readonly ref?: string | null | undefined;
}

/** From the facts to the ways in which the promise was broken. */
export type Promised = (facts: Facts) => Violation[];

/** Items grouped by a key. */
export const indexBy = <T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> => {
  const index = new Map<K, T[]>();
  for (const item of items) {
    const same = index.get(keyOf(item));
    if (same === undefined) index.set(keyOf(item), [item]);
    else same.push(item);
  }
  return index;
};
