import { settlesWithin } from '@pulser/concurrency';

/** Milliseconds that a handler gets to end after its attempt was aborted. */
export const graceMs = 2_000;

/** Whether what runs has settled when the grace is over. Nothing waits for the grace when the process can end. */
export const endsWithinGrace = (running: Promise<unknown>): Promise<boolean> =>
  settlesWithin(graceMs, running, { ref: false });
