// Whether an agent whose slots are all taken gets anything done. Its heartbeats come, its leases are renewed and no canary is
// judged, because no slot is free: only what does not happen shows that its tasks hang.

/** What is known of the progress of an agent. Durations in milliseconds. */
export interface Progress {
  /** Of each worker that lives: for how long all of its slots were taken and none of its tasks ended. */
  readonly stuckForMs: readonly number[];
  /** Tasks that wait for the agent. */
  readonly waiting: number;
  /** 99 of 100 of its tasks of the last hour took no longer; undefined: none completed. */
  readonly p99Ms: number | undefined;
  /** The longest time that one of its tasks may take. */
  readonly timeLimitMs: number;
}

/** Of its slots one would have become free within so many times what 99 of 100 tasks take. */
const times = 10;
/** A task that is over its time limit is ended by its worker within so long. Milliseconds. */
const graceMs = 30_000;

/** After how long without an ended task a worker is stuck whose slots are all taken. @param leastMs in no case sooner */
export const patienceMs = ({ p99Ms, timeLimitMs }: Progress, leastMs: number): number => {
  const overdueMs = timeLimitMs + graceMs;
  return p99Ms === undefined ? overdueMs : Math.min(overdueMs, Math.max(leastMs, times * p99Ms));
};

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/** What is wrong in words; undefined: nothing. Slots that are taken for long are no fault while no task waits for them. */
export const stallOf = (progress: Progress, leastMs: number): string | undefined => {
  const { stuckForMs, waiting } = progress;
  const stuck = stuckForMs.filter((ms) => ms >= patienceMs(progress, leastMs));
  if (stuck.length === 0 || waiting === 0) return undefined;
  const where =
    stuck.length === stuckForMs.length
      ? 'no task has'
      : `on ${stuck.length} of ${stuckForMs.length} workers no task has`;
  return `${where} ended for ${seconds(Math.min(...stuck))} while all slots are taken, and ${waiting} tasks wait`;
};
