// What a canary on its way says of its agent.
import type { CanaryProgress } from '@pulser/context-bus';

/** So long a canary may wait for a slot while nothing shows that the running tasks are alive. Milliseconds. */
const maxBusyMs = 30_000;

/** What is known of the agent of a canary. Milliseconds. */
export interface Circumstances {
  /** Since the canary was sent. */
  readonly waitedMs: number;
  /** Each live worker has reported a free slot for so long; 0: some has none. */
  readonly freeForMs: number;
  /** Tasks of it end, or leases of its tasks are renewed. */
  readonly isAlive: boolean;
}

/** `dropped`: it says nothing. `late`: it is not back; one that is given up makes room for another one. */
export type Verdict =
  | { readonly kind: 'dropped' }
  | { readonly kind: 'waits' }
  | { readonly kind: 'back'; readonly latencyMs: number; readonly isJudged: boolean }
  | { readonly kind: 'late'; readonly ageMs: number; readonly isGivenUp: boolean };

/** @param row undefined: it has none any more @param canaryMs after which it is late when slots were free all the time */
export const verdictOf = (
  row: CanaryProgress | undefined,
  { waitedMs, freeForMs, isAlive }: Circumstances,
  canaryMs: number,
): Verdict => {
  // Another leader has taken its place, or a worker of an older version has it.
  if (row === undefined || row.failed) return { kind: 'dropped' };
  // Slots were taken while it was on its way: it may wait for one.
  const mayWait = freeForMs < waitedMs;
  if (row.latencyMs !== null) return { kind: 'back', latencyMs: row.latencyMs, isJudged: !mayWait };
  const limitMs = mayWait ? maxBusyMs : canaryMs;
  if (row.ageMs < limitMs || (mayWait && isAlive)) return { kind: 'waits' };
  return { kind: 'late', ageMs: row.ageMs, isGivenUp: row.ageMs > 2 * limitMs };
};
