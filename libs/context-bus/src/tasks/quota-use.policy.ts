import type { Waiting } from './waiting-tasks.store.js';

/** What is known of a tenant's use of its quota: a count, and what was accepted here since. */
export interface QuotaUse extends Waiting {
  /** Of a monotonic clock, milliseconds. */
  readonly countedAt: number;
  readonly acceptedSince: number;
}

/** Until then a count is good enough while there is room; other gateways accept too. Milliseconds. */
const freshMs = 5_000;
/** A refusal rests on a count no older than this. */
const refusalMs = 250;

export const roomIn = ({ quota, waiting, acceptedSince }: QuotaUse): number =>
  Math.max(0, quota - waiting - acceptedSince);

/** Whether to count again before deciding on so many tasks. Tasks that end meanwhile only make room. */
export const isStale = (use: QuotaUse, tasks: number, now: number): boolean => {
  const age = now - use.countedAt;
  if (roomIn(use) < tasks) return age > refusalMs;
  // Near the edge the others' share of the room counts.
  const near = roomIn(use) < use.quota / 2 && use.acceptedSince > roomIn(use) / 4;
  return use.acceptedSince > 0 && (age > freshMs || (near && age > refusalMs));
};
