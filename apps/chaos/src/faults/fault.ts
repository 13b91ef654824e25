// What a fault is, what it may break, and the list of all of them.
import type { Random, Servers } from '@pulser/harness';
import type { EffectServers } from '@pulser/testing/tool-calls';

import type { Rows } from '../check/facts.js';
import type { Fleet } from '../fleet/fleet.js';
import type { AmqpProducer, HttpClient } from '../load/clients.js';
import type { Load } from '../load/load.js';

/** Every fault, in the order of the report. */
export const faultNames = [
  'kill-gateway',
  'kill-router',
  'kill-health',
  'kill-worker',
  'kill-agent',
  'kill-conductor',
  'kill-coordinator',
  'kill-tool-server',
  'kill-all',
  'crash-point',
  'blink-gateway',
  'blink-router',
  'blink-health',
  'blink-worker',
  'blink-conductor',
  'blink-coordinator',
  'freeze-gateway',
  'freeze-router',
  'freeze-health',
  'freeze-worker',
  'freeze-agent',
  'freeze-conductor',
  'freeze-coordinator',
  'blocked-event-loop',
  'clock-an-hour-off',
  'rolling-restart',
  'broker-kill',
  'broker-restart',
  'broker-wipe',
  'broker-memory-alarm',
  'queue-deleted',
  'exchange-deleted',
  'database-kill',
  'database-restart',
  'database-disk-full',
  'backends-terminated',
  'connection-reset',
  'black-hole',
  'half-black-hole',
  'latency',
  'slow-close',
  'duplicate-dispatches',
  'duplicate-submissions',
  'malformed-messages',
] as const;

export type FaultName = (typeof faultNames)[number];

/** A kill -9 of one process of Pulser, from outside. */
export const isKill = (name: FaultName): boolean => name.startsWith('kill-') && name !== 'kill-all';

/** What a fault may break and read. */
export interface World {
  readonly servers: Servers;
  readonly fleet: Fleet;
  readonly load: Load;
  readonly http: HttpClient;
  readonly amqp: AmqpProducer;
  readonly rows: Rows;
  /** Undefined: the run calls no tools. */
  readonly toolServers: EffectServers | undefined;
  /** File in which processes record the crash point at which they die. */
  readonly diary: string;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
}

/** Decides which faults may overlap: those of different lanes do; one of the lane `alone` overlaps with none. */
export type BacklogKey = 'light' | 'process' | 'crash' | 'server' | 'alone';

export interface Injection {
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
  /** When nothing was broken any more: recovery is measured from here. */
  readonly over: number;
  /** The worker that was hit: recovery is until its tasks run again, measured from `at`. */
  readonly workerPid?: number | undefined;
  /** Matches what Pulser logs once it has noticed. */
  readonly signs?: RegExp;
  /** When Pulser noticed it, where the fault itself can see that. */
  readonly detectedAt?: number | undefined;
  /** Why this machine cannot have the fault: then it was not injected. */
  readonly unavailable?: string;
  /** What Pulser did that it must not. */
  readonly broken?: readonly string[];
  /** Which of several, for the report. */
  readonly detail?: string;
}

/** One way to break something. Its injection ends when what it broke is whole again, or when Pulser must cope by itself. */
export interface Fault {
  readonly name: FaultName;
  readonly lane: BacklogKey;
  inject(world: World, random: Random): Promise<Injection>;
}

/** A fault that was injected or, on this machine, unavailable. */
export interface Injected {
  readonly fault: Fault;
  readonly injection: Injection;
}
