import type { Random } from '@pulser/harness';

import type { FaultName } from './fault-name.js';
import type { World } from './world.js';

/**
 * What a fault breaks decides what may be broken at the same time: one fault of each lane at a time, and nothing beside
 * one that is alone.
 */
export type Lane = 'light' | 'process' | 'crash' | 'server' | 'alone';

export interface Injection {
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
  /** When nothing was broken any more: from then on recovery is measured. */
  readonly over: number;
  /** The worker that was hit: recovery is until its tasks run again, measured from `at`. */
  readonly workerPid?: number | undefined;
  /** What Pulser's log says once it has noticed. */
  readonly signs?: RegExp;
  /** When it was noticed, where the fault itself can see that. */
  readonly detectedAt?: number | undefined;
  /** Why this machine cannot have the fault: it was not injected. */
  readonly unavailable?: string;
  /** What Pulser did that it must not. */
  readonly broken?: readonly string[];
  /** Which of several, for the report. */
  readonly detail?: string;
}

/** One way to break something. It ends when all that it broke is whole again, or Pulser must cope by itself. */
export interface Fault {
  readonly name: FaultName;
  readonly lane: Lane;
  inject(world: World, random: Random): Promise<Injection>;
}
