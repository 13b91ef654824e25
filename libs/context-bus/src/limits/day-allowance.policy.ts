import type { DayGrant } from './tenant-days.store.js';

/** Tasks that this process may still let a tenant submit today. Times are of a monotonic clock, in milliseconds. */
export interface DayAllowance {
  readonly left: number;
  /** The day had not as many left as were asked for. */
  readonly isSpent: boolean;
  readonly dayEndsAt: number;
  readonly askedAt: number;
}

/** After that a refusal is asked again: the tenant may have got a larger quota. */
const refusalMs = 1_000;

export const mustAsk = (known: DayAllowance | undefined, tasks: number, now: number): boolean => {
  if (known === undefined || now >= known.dayEndsAt) return true;
  if (known.left >= tasks) return false;
  return !known.isSpent || now >= known.askedAt + refusalMs;
};

/** @param tasks that were asked for */
export const allowanceOf = (
  { granted, endsInS }: DayGrant,
  tasks: number,
  { known, now }: { readonly known: DayAllowance | undefined; readonly now: number },
): DayAllowance => ({
  left: granted + (known !== undefined && now < known.dayEndsAt ? known.left : 0),
  isSpent: granted < tasks,
  dayEndsAt: now + endsInS * 1_000,
  askedAt: now,
});
