import type { Contestant, Machine } from './contestant.js';
import { type PulserOptions, usualPulser } from './pulser-options.js';
import { PulserRunning } from './pulser-running.js';
import { PulserSystem } from './pulser-system.js';

export const startPulser = async (machine: Machine, changes: Partial<PulserOptions> = {}): Promise<PulserRunning> =>
  new PulserRunning(await PulserSystem.start(machine, { ...usualPulser, ...changes }));

/** Pulser as it ships: one gateway, one router and one worker, with auth, row-level security, leases, events and telemetry. */
export const pulser: Contestant = {
  name: 'pulser',
  settings: [
    `1 gateway, 1 router, 1 worker with CONCURRENCY=${usualPulser.concurrency}; everything else is at its default`,
    'limits of rate and quota are raised, so that one tenant may do all of it (README, Configuration)',
    'PostgreSQL with fsync and synchronous_commit on for what is accepted and finished; RabbitMQ quorum queues',
  ],
  install: () => Promise.resolve(),
  start: (machine) => startPulser(machine),
};
